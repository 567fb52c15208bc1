package io.flota.unitctl.command;

import io.flota.api.v1.Freshness;
import io.flota.daemon.SettingsException;
import io.flota.daemon.SettingsFile;
import io.flota.tls.PemFiles;
import io.flota.unit.TimeSpan;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.Endpoint;
import io.flota.unitctl.client.Sockets;
import io.flota.unitctl.render.FreshnessLine;
import io.flota.unitctl.render.Palette;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.ParseResult;

/// A command as it was given: its flags and arguments, and where it runs.
public final class Invocation {
    /// Every line, of the last ones.
    static final int ALL = -1;
    private static final String DEFAULT_ENDPOINT = "127.0.0.1:4470";
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final ParseResult given;
    private final Surroundings surroundings;

    public Invocation(ParseResult given, Surroundings surroundings) {
        this.given = given;
        this.surroundings = surroundings;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    PrintStream out() {
        return surroundings.out();
    }

    PrintStream err() {
        return surroundings.err();
    }

    boolean has(String flag) {
        return given.hasMatchedOption(flag);
    }

    Optional<String> value(String flag) {
        return Optional.ofNullable(given.matchedOptionValue(flag, (String) null));
    }

    List<String> values(String flag) {
        return given.matchedOptionValue(flag, List.of());
    }

    Optional<Integer> number(String flag) {
        return Optional.ofNullable(given.matchedOptionValue(flag, (Integer) null));
    }

    /// How many of the last ones `--lines` asks for; negative for all.
    ///
    /// @param what they are, in the plural
    int last(int usual, String what) throws CommandException {
        var lines = value("--lines");
        if (lines.isEmpty()) {
            return usual;
        }
        var text = lines.get();
        if (text.equals("all")) {
            return ALL;
        }
        try {
            int last = Integer.parseInt(text);
            if (last >= 0) {
                return last;
            }
        } catch (NumberFormatException _) {
            // said below, as a negative number is
        }
        throw CommandException.usage("--lines=" + text + " is neither a number of " + what + " nor \"all\"");
    }

    List<String> arguments() {
        return given.matchedPositionalValue(0, List.of());
    }

    /// The arguments of a command that is for nothing without them.
    List<String> units() throws CommandException {
        if (arguments().isEmpty()) {
            throw CommandException.usage("No units given");
        }
        return arguments();
    }

    Output output() throws CommandException {
        return Output.of(value("--output").orElse("table"));
    }

    /// Colours where a human reads, unless NO_COLOR forbids them.
    Palette palette() {
        var environment = surroundings.environment();
        boolean wanted = environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        return surroundings.outIsTerminal() && wanted ? Palette.COLOURED : Palette.PLAIN;
    }

    ClusterClient cluster() throws CommandException, IOException {
        try {
            var asked = given("--config").map(surroundings.directory()::resolve);
            var settings = SettingsFile.find(asked, "unitctl.toml", "unitctl", Flags.SETTINGS);
            return cluster(settings);
        } catch (SettingsException wrong) {
            throw CommandException.usage(wrong.getMessage());
        }
    }

    private ClusterClient cluster(SettingsFile settings) throws CommandException, IOException {
        var endpoints = setting(settings, "--endpoint", Endpoint::list);
        var timeout = setting(settings, "--request-timeout", Invocation::patience);
        return new ClusterClient(
                endpoints.orElseGet(() -> Endpoint.list(DEFAULT_ENDPOINT)),
                Sockets.of(tls(settings)),
                timeout.orElse(DEFAULT_TIMEOUT));
    }

    private static Duration patience(String text) {
        var patience = TimeSpan.parse(text);
        if (patience.toMillis() == 0) {
            throw new IllegalArgumentException("\"" + text + "\" is no time to wait for an answer");
        }
        return patience;
    }

    /// Says what an operator has to know of any answer: that it is old, or that units of lost machines are held back.
    void warnIfStale(Freshness freshness) {
        FreshnessLine.render(freshness, surroundings.clock().instant()).ifPresent(err()::println);
        if (!freshness.getHeldReason().isEmpty()) {
            err().println("warning: " + freshness.getHeldReason());
        }
    }

    private Optional<PemFiles> tls(SettingsFile settings) throws CommandException {
        var authority = file(settings, "--ca-file");
        var certificate = file(settings, "--cert-file");
        var key = file(settings, "--key-file");
        if (certificate.isPresent() != key.isPresent()) {
            throw CommandException.usage("--cert-file and --key-file belong together: give both or neither");
        }
        var identity = certificate.flatMap(own -> key.map(its -> new PemFiles.Identity(own, its)));
        return authority.isPresent() || identity.isPresent()
                ? Optional.of(new PemFiles(authority, identity))
                : Optional.empty();
    }

    private Optional<Path> file(SettingsFile settings, String flag) throws CommandException {
        return setting(settings, flag, surroundings.directory()::resolve);
    }

    /// A flag, or else its variable, or else what the settings file says.
    private <T> Optional<T> setting(SettingsFile settings, String flag, Function<String, T> meaning)
            throws CommandException {
        var given = given(flag);
        var text = given.or(() -> settings.value(flag.substring(2)));
        try {
            return text.map(meaning);
        } catch (IllegalArgumentException wrong) {
            var place = given.isPresent() ? Optional.<String>empty() : settings.place(flag.substring(2));
            throw CommandException.usage(place.map(it -> it + ": ").orElse("") + wrong.getMessage());
        }
    }

    /// A flag, or else its variable; an empty variable says nothing.
    private Optional<String> given(String flag) {
        String variable = "UNITCTL_" + flag.substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
        return value(flag)
                .or(() -> Optional.ofNullable(surroundings.environment().get(variable))
                        .filter(text -> !text.isEmpty()));
    }
}
