package io.flota.unitctl.command;

import io.flota.unitctl.client.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The schedulers that an operator means, who may write them as fleetctl wants it. Pure.
///
/// @param notes what such an address was taken for
record Endpoints(List<Endpoint> all, List<String> notes) {
    private static final Endpoint USUAL = new Endpoint("127.0.0.1", 4470);

    /// @param text `host:port` or fleetctl's URLs, separated by commas
    /// @param settings what counts where only this machine is meant
    /// @param isSecure whether there are files for TLS
    /// @throws IllegalArgumentException whose message says which part is wrong
    static Endpoints of(Optional<String> text, Optional<String> settings, boolean isSecure) {
        var all = new ArrayList<Endpoint>();
        var notes = new ArrayList<String>();
        for (String part : parts(text.or(() -> settings))) {
            if (!Endpoint.isUrl(part)) {
                all.addAll(Endpoint.list(part));
                continue;
            }
            if (part.startsWith("https://") && !isSecure) {
                throw new IllegalArgumentException("\"" + part + "\" wants TLS, and no files for it are given: --ca-file,"
                        + " --cert-file and --key-file, their variables, or ca-file, cert-file and key-file of the"
                        + " settings");
            }
            var meant = Endpoint.ofUrl(part).map(List::of).orElseGet(() -> usual(settings));
            all.addAll(meant);
            notes.add("note: " + part + " is an address of fleet; asking Flota's scheduler at "
                    + String.join(",", meant.stream().map(Endpoint::toString).toList()));
        }
        return new Endpoints(all.isEmpty() ? List.of(USUAL) : List.copyOf(all), notes);
    }

    private static List<String> parts(Optional<String> text) {
        return text.map(list -> Stream.of(list.split(",", -1)).map(String::trim).toList()).orElse(List.of());
    }

    private static List<Endpoint> usual(Optional<String> settings) {
        var plain = parts(settings).stream().filter(part -> !Endpoint.isUrl(part)).toList();
        return plain.isEmpty() ? List.of(USUAL) : Endpoint.list(String.join(",", plain));
    }
}
