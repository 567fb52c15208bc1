package io.flota.unitctl.command;

import io.flota.daemon.SettingsException;
import io.flota.daemon.SettingsFile;
import io.flota.tls.PemFiles;
import io.flota.unit.TimeSpan;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.Endpoint;
import io.flota.unitctl.client.Sockets;
import io.flota.unitctl.ssh.SshAccess;
import io.flota.unitctl.ssh.Tunnel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// How schedulers and machines are reached, as flags, variables and the settings file say it. What was opened for that
/// is closed in the end.
final class Reach implements AutoCloseable {
    static final String ENDPOINT = "--endpoint";
    static final String TUNNEL = "--tunnel";
    /// Of a command whose `--endpoint` is another cluster's.
    static final String OWN_ENDPOINT = "--to";
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final Invocation invocation;
    private Optional<Tunnel> tunnel = Optional.empty();

    Reach(Invocation invocation) {
        this.invocation = invocation;
    }

    /// To be called once.
    ClusterClient cluster() throws CommandException, IOException {
        try {
            var asked = invocation.given("--config").map(invocation.surroundings().directory()::resolve);
            var settings = SettingsFile.find(asked, "unitctl.toml", "unitctl", Flags.SETTINGS);
            return cluster(settings);
        } catch (SettingsException wrong) {
            throw CommandException.usage(wrong.getMessage());
        }
    }

    @Override
    public void close() {
        tunnel.ifPresent(Tunnel::close);
    }

    private ClusterClient cluster(SettingsFile settings) throws CommandException, IOException {
        var timeout = setting(settings, "--request-timeout", Reach::patience);
        var files = tls(settings);
        var endpoints = endpoints(settings, files.isPresent());
        var sockets = Sockets.of(files);
        return new ClusterClient(reachable(endpoints), sockets, timeout.orElse(DEFAULT_TIMEOUT));
    }

    /// @param isSecure whether they are spoken to by TLS
    private List<Endpoint> endpoints(SettingsFile settings, boolean isSecure) throws CommandException {
        var written = isOther()
                ? invocation.value(OWN_ENDPOINT).or(() -> invocation.variable("UNITCTL", ENDPOINT))
                : invocation.given(ENDPOINT);
        try {
            var endpoints = Endpoints.of(written, settings.value("endpoint"), isSecure);
            endpoints.notes().forEach(invocation.err()::println);
            return endpoints.all();
        } catch (IllegalArgumentException wrong) {
            var place = written.isPresent() ? Optional.<String>empty() : settings.place("endpoint");
            throw CommandException.usage(place.map(it -> it + ": ").orElse("") + wrong.getMessage());
        }
    }

    /// The same schedulers, by way of the tunnel if one is wanted.
    private List<Endpoint> reachable(List<Endpoint> endpoints) throws CommandException, IOException {
        var via = tunnelHost();
        if (via.isEmpty()) {
            return endpoints;
        }
        invocation.out().flush();
        var opened = Tunnel.open(ssh(), via.get(), endpoints.stream().map(Endpoint::toString).toList());
        tunnel = Optional.of(opened);
        var forwarded = new ArrayList<Endpoint>();
        for (int i = 0; i < endpoints.size(); i++) {
            forwarded.add(endpoints.get(i).by(opened.ports().get(i)));
        }
        return forwarded;
    }

    /// Of a command that has to do with two clusters, fleetctl's variable is the other one's, and the flag of neither.
    private Optional<String> tunnelHost() throws CommandException {
        return isOther() ? invocation.variable("UNITCTL", TUNNEL) : invocation.given(TUNNEL);
    }

    private boolean isOther() {
        return invocation.spec().findOption(OWN_ENDPOINT) != null;
    }

    /// How machines are reached by ssh.
    SshAccess ssh() throws CommandException {
        try {
            return new SshAccess(
                    invocation.given("--ssh-username").orElse("core"),
                    invocation.given("--ssh-timeout").map(Reach::patience).orElse(DEFAULT_TIMEOUT),
                    invocation.given("--known-hosts-file").map(List::of).orElseGet(this::knownHosts),
                    invocation.given("--strict-host-key-checking").map(FleetFlags::truth).orElse(true),
                    tunnelHost());
        } catch (IllegalArgumentException wrong) {
            throw CommandException.usage(wrong.getMessage());
        }
    }

    /// Where fleetctl has kept host keys, these count besides ssh's own.
    private List<String> knownHosts() {
        String home = invocation.surroundings().environment().getOrDefault("HOME", "");
        return !home.isEmpty() && Files.exists(Path.of(home, ".fleetctl", "known_hosts"))
                ? List.of("~/.fleetctl/known_hosts", "~/.ssh/known_hosts")
                : List.of();
    }

    private static Duration patience(String text) {
        var patience = TimeSpan.parse(text);
        if (patience.toMillis() == 0) {
            throw new IllegalArgumentException("\"" + text + "\" is no time to wait for an answer");
        }
        return patience;
    }

    private Optional<PemFiles> tls(SettingsFile settings) throws CommandException {
        return pem(
                file(settings, "--ca-file"), file(settings, "--cert-file"), file(settings, "--key-file"),
                "--cert-file and --key-file");
    }

    /// What fleet is shown, and by what it is recognized. fleetctl's variables are its own.
    ///
    /// @param isAsked whether fleet is spoken to by TLS; where it is not, flags for that are refused
    Optional<PemFiles> fleetTls(boolean isAsked) throws CommandException {
        for (String flag : List.of("--ca-file", "--cert-file", "--key-file")) {
            if (!isAsked && invocation.has(fleets(flag))) {
                throw CommandException.usage(fleets(flag) + " is for a fleet at https://…: give " + ENDPOINT + " so");
            }
        }
        return isAsked
                ? pem(
                        fleetsFile("--ca-file"), fleetsFile("--cert-file"), fleetsFile("--key-file"),
                        "--fleet-cert-file and --fleet-key-file")
                : Optional.empty();
    }

    /// The flag that names for fleet what this one names for schedulers.
    private static String fleets(String flag) {
        return "--fleet" + flag.substring(1);
    }

    private Optional<Path> fleetsFile(String flag) {
        return invocation.value(fleets(flag))
                .or(() -> invocation.variable("FLEETCTL", flag))
                .filter(text -> !text.isEmpty())
                .map(invocation.surroundings().directory()::resolve);
    }

    private static Optional<PemFiles> pem(
            Optional<Path> authority, Optional<Path> certificate, Optional<Path> key, String pair)
            throws CommandException {
        if (certificate.isPresent() != key.isPresent()) {
            throw CommandException.usage(pair + " belong together: give both or neither");
        }
        var identity = certificate.flatMap(own -> key.map(its -> new PemFiles.Identity(own, its)));
        return authority.isPresent() || identity.isPresent()
                ? Optional.of(new PemFiles(authority, identity))
                : Optional.empty();
    }

    private Optional<Path> file(SettingsFile settings, String flag) throws CommandException {
        var given = isOther()
                ? invocation.value(flag).filter(text -> !text.isEmpty()).or(() -> invocation.variable("UNITCTL", flag))
                : invocation.given(flag);
        return setting(settings, flag, given, invocation.surroundings().directory()::resolve);
    }

    /// A flag, or else its variable, or else what the settings file says.
    private <T> Optional<T> setting(SettingsFile settings, String flag, Function<String, T> meaning)
            throws CommandException {
        return setting(settings, flag, invocation.given(flag), meaning);
    }

    private static <T> Optional<T> setting(
            SettingsFile settings, String flag, Optional<String> given, Function<String, T> meaning)
            throws CommandException {
        var text = given.or(() -> settings.value(flag.substring(2)));
        try {
            return text.map(meaning);
        } catch (IllegalArgumentException wrong) {
            var place = given.isPresent() ? Optional.<String>empty() : settings.place(flag.substring(2));
            throw CommandException.usage(place.map(it -> it + ": ").orElse("") + wrong.getMessage());
        }
    }

    /// For an answer of somebody else than a scheduler.
    Duration requestTimeout() throws CommandException {
        try {
            return invocation.given("--request-timeout").map(Reach::patience).orElse(DEFAULT_TIMEOUT);
        } catch (IllegalArgumentException wrong) {
            throw CommandException.usage(wrong.getMessage());
        }
    }
}
