package io.flota.unitctl.command;

import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import io.flota.unit.TimeSpan;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.Watch;
import io.flota.unitctl.render.UsageListing;
import io.flota.unitctl.render.UsageListing.Order;
import io.flota.unitctl.render.UsageListing.Row;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/// What units use at the moment, again and again on a terminal.
final class Top implements Command {
    private static final Duration ON_SCREEN = Duration.ofSeconds(2);
    /// A script waits for it.
    private static final Duration ONCE = Duration.ofSeconds(1);
    private static final Duration SHORTEST = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofHours(1);
    /// How soon a key is heeded.
    private static final Duration LOOK = Duration.ofMillis(100);

    private final UsageListing listing = new UsageListing();

    @Override
    public CommandSpec spec() {
        var spec = Flags.command(
                        "top",
                        "Show what units use at the moment, on each machine: CPU in percent of one processor, memory,"
                                + " network, tasks, and how often they were restarted. All units, or some.",
                        "On a terminal it goes on until q or Ctrl-C; piped, it tells once.")
                .addOption(Flags.number("COUNT", "Tell so many times, one below the other.", "-n", "--iterations"))
                .addOption(Flags.value("TIME", "From one time to the next: 5s (2s; piped 1s).", "-d", "--delay"))
                .addOption(Flags.value("COLUMN", "What comes first: " + orders() + " (cpu).", "--sort"));
        return Lists.addFlags(spec, listing).addPositional(Flags.arguments("UNIT", "Names or quoted patterns."));
    }

    private static String orders() {
        return Stream.of(Order.values()).map(order -> order.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
    }

    @Override
    public int run(Invocation invocation)
            throws CommandException, ClusterException, IOException, InterruptedException {
        var selection = Selection.of(invocation.arguments());
        var order = order(invocation.value("--sort").orElse("cpu"));
        int count = invocation.number("--iterations").orElse(0);
        if (count < 0) {
            throw CommandException.usage("--iterations=" + count + " is no number of times");
        }
        Output output = invocation.output();
        Lists.columns(invocation, listing, output);
        boolean onScreen = invocation.surroundings().outIsTerminal() && count == 0 && !output.isTree();
        var request = UsageRequest.newBuilder()
                .addAllNames(selection.names())
                .addAllPatterns(selection.patterns())
                .setIntervalMillis(delay(invocation, onScreen).toMillis())
                .build();
        ClusterClient cluster = invocation.cluster();
        var units = cluster.listUnits(selection.request());
        invocation.warnIfStale(units.getFreshness());
        var missing = selection.missing(units);
        missing.forEach(invocation.err()::println);
        if (missing.isEmpty() || units.getUnitsCount() > 0) {
            try (var watch = Watch.usage(cluster, request)) {
                if (onScreen) {
                    draw(invocation, watch, order);
                } else {
                    print(invocation, watch, order, Math.max(1, count));
                }
            }
        }
        return missing.isEmpty() ? 0 : CommandException.FAILED;
    }

    /// The first look is only for the second one to have something to compare with.
    private void print(Invocation invocation, Watch<UsageReply> watch, Order order, int count)
            throws CommandException, ClusterException, InterruptedException {
        var before = awaited(watch);
        for (int i = 0; i < count && !invocation.out().checkError(); i++) {
            var now = awaited(watch);
            Lists.print(invocation, listing, UsageListing.rows(before, now, order));
            now.getProblemsList().forEach(problem -> invocation.err().println("warning: " + problem));
            before = now;
        }
    }

    private static UsageReply awaited(Watch<UsageReply> watch) throws ClusterException, InterruptedException {
        while (true) {
            var reply = watch.next(LOOK);
            if (reply.isPresent()) {
                return reply.get();
            }
        }
    }

    private void draw(Invocation invocation, Watch<UsageReply> watch, Order order)
            throws CommandException, ClusterException, InterruptedException {
        var columns = Lists.columns(invocation, listing, invocation.output());
        var before = UsageReply.getDefaultInstance();
        try (var screen = Screen.take(invocation.out())) {
            while (!screen.isQuit()) {
                var reply = watch.next(LOOK);
                if (reply.isPresent()) {
                    var rows = UsageListing.rows(before, reply.get(), order);
                    boolean legend = !invocation.has("--no-legend");
                    String table = listing.table(rows, columns, legend, invocation.has("--full"), invocation.palette());
                    screen.draw(head(invocation, rows, reply.get().getProblemsList()) + "\n" + table);
                    before = reply.get();
                }
            }
        }
    }

    private static String head(Invocation invocation, List<Row> rows, List<String> problems) {
        var at = invocation.surroundings();
        long machines = rows.stream().map(row -> row.usage().getMachineId()).distinct().count();
        double cpu = rows.stream().mapToDouble(row -> row.cpu().orElse(0)).sum();
        var now = LocalTime.ofInstant(at.clock().instant(), at.zone().get()).truncatedTo(ChronoUnit.SECONDS);
        var head = String.format(
                Locale.ROOT, "%tT  %d on %d %s, %.1f%% of a processor  (q: quit)%n",
                now, rows.size(), machines, machines == 1 ? "machine" : "machines", cpu);
        return head + problems.stream()
                .map(problem -> invocation.palette().warning(problem) + "\n")
                .collect(Collectors.joining());
    }

    private static Order order(String word) throws CommandException {
        return Stream.of(Order.values())
                .filter(order -> order.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst()
                .orElseThrow(() -> CommandException.usage("--sort=" + word + " is no order; there are " + orders()));
    }

    private static Duration delay(Invocation invocation, boolean onScreen) throws CommandException {
        Optional<String> text = invocation.value("--delay");
        try {
            var delay = text.map(TimeSpan::parse).orElse(onScreen ? ON_SCREEN : ONCE);
            if (delay.compareTo(SHORTEST) < 0 || delay.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("it is from 200ms to 1h");
            }
            return delay;
        } catch (IllegalArgumentException wrong) {
            throw CommandException.usage("--delay=" + text.orElse("") + ": " + wrong.getMessage());
        }
    }
}
