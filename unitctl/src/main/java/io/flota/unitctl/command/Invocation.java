package io.flota.unitctl.command;

import io.flota.api.v1.Freshness;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.render.FreshnessLine;
import io.flota.unitctl.render.Palette;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// A command as it was given: its flags and arguments, and where it runs.
public final class Invocation implements AutoCloseable {
    /// Every line, of the last ones.
    static final int ALL = -1;

    private final ParseResult given;
    private final Surroundings surroundings;
    private final Reach reach = new Reach(this);

    public Invocation(ParseResult given, Surroundings surroundings) {
        this.given = given;
        this.surroundings = surroundings;
    }

    CommandSpec spec() {
        return given.commandSpec();
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
        return reach.cluster();
    }

    Reach reach() {
        return reach;
    }

    @Override
    public void close() {
        reach.close();
    }

    /// Says what an operator has to know of any answer: that it is old, or that units of lost machines are held back.
    void warnIfStale(Freshness freshness) {
        FreshnessLine.render(freshness, surroundings.clock().instant()).ifPresent(err()::println);
        if (!freshness.getHeldReason().isEmpty()) {
            err().println("warning: " + freshness.getHeldReason());
        }
    }

    /// A flag, or else its variable, or else fleetctl's. An empty variable says nothing, and an empty flag where
    /// fleetctl's default is empty. Elsewhere it is refused: `--endpoint "$UNSET"` must not mean the usual cluster.
    Optional<String> given(String flag) throws CommandException {
        var written = value(flag).filter(text -> !text.isEmpty());
        if (written.isEmpty() && has(flag) && !FleetFlags.EMPTY_BY_DEFAULT.contains(flag)) {
            throw CommandException.usage(flag + " is empty: give it a value, or leave it out");
        }
        return written.or(() -> variable("UNITCTL", flag)).or(() -> variable("FLEETCTL", flag));
    }

    Optional<String> variable(String program, String flag) {
        return Optional.ofNullable(surroundings.environment().get(name(program, flag))).filter(text -> !text.isEmpty());
    }

    private static String name(String program, String flag) {
        return program + "_" + flag.substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /// Where a flag was given: itself or its variable.
    Optional<String> source(String flag) {
        return has(flag)
                ? Optional.of(flag)
                : variable("FLEETCTL", flag).map(_ -> name("FLEETCTL", flag));
    }
}
