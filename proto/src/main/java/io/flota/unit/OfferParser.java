package io.flota.unit;

import com.google.common.collect.ImmutableList;
import io.flota.unit.HealthCheck.Probe;
import io.flota.unit.UnitFile.Setting;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// Reads what a unit offers from the lines of its file. Of a template it reads what an instance named `1` would offer.
final class OfferParser {
    /// More often than that is an attack.
    private static final Duration SHORTEST = Duration.ofMillis(100);

    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int MOST_RETRIES = 1000;
    private static final ImmutableList<PlacementOption> PROBES =
            ImmutableList.of(PlacementOption.HEALTH_HTTP, PlacementOption.HEALTH_TCP, PlacementOption.HEALTH_EXEC);
    private static final ImmutableList<PlacementOption> TERMS = ImmutableList.of(
            PlacementOption.HEALTH_INTERVAL, PlacementOption.HEALTH_TIMEOUT, PlacementOption.HEALTH_RETRIES,
            PlacementOption.HEALTH_START_PERIOD);

    private final UnitName name;
    private final UnitFile file;
    private final BiConsumer<Setting, String> problems;

    /// @param problems takes what is wrong with a setting, to be read after its key
    OfferParser(UnitName name, UnitFile file, BiConsumer<Setting, String> problems) {
        String first = name.prefix() + "@1." + name.type();
        this.name = name.isTemplate() && UnitName.problem(first).isEmpty() ? new UnitName(first) : name;
        this.file = file;
        this.problems = problems;
    }

    Offer parse() {
        var announcements = announcements();
        var drain = last(PlacementOption.ANNOUNCE_DRAIN, OfferParser::drain);
        if (all(PlacementOption.ANNOUNCE).isEmpty()) {
            blame(PlacementOption.ANNOUNCE_DRAIN, " has no meaning without Announce=. Add that, or remove the line");
        }
        var health = health(announcements);
        boolean announced = !announcements.isEmpty();
        return new Offer(announcements, announced ? drain.orElse(Offer.DEFAULT_DRAIN) : Duration.ZERO, health);
    }

    private ImmutableList<Announcement> announcements() {
        var lines = new TreeMap<String, Integer>();
        var announcements = ImmutableList.<Announcement>builder();
        for (var setting : all(PlacementOption.ANNOUNCE)) {
            read(setting, Announcement::parse).ifPresent(announcement -> {
                var before = lines.putIfAbsent(announcement.service(), setting.line());
                if (before == null) {
                    announcements.add(announcement);
                } else {
                    problems.accept(setting, Excerpt.of(announcement.service()) + " is announced in line " + before
                            + " already, and a unit has one endpoint for a service. Remove one of them");
                }
            });
        }
        return announcements.build();
    }

    private Optional<HealthCheck> health(ImmutableList<Announcement> announcements) {
        int port = announcements.isEmpty() ? 0 : announcements.getFirst().port();
        var http = last(PlacementOption.HEALTH_HTTP, value -> HealthCheck.http(value, port));
        var tcp = last(PlacementOption.HEALTH_TCP, HealthCheck::tcp);
        var exec = last(PlacementOption.HEALTH_EXEC, HealthCheck::exec);
        var interval = last(PlacementOption.HEALTH_INTERVAL, value -> span(value, SHORTEST));
        var timeout = last(PlacementOption.HEALTH_TIMEOUT, value -> span(value, SHORTEST));
        var startPeriod = last(PlacementOption.HEALTH_START_PERIOD, value -> span(value, Duration.ZERO));
        var retries = last(PlacementOption.HEALTH_RETRIES, OfferParser::retries);
        checkProbes();
        return http.<Probe>map(Function.identity()).or(() -> tcp).or(() -> exec).map(probe -> new HealthCheck(
                probe,
                interval.orElse(HealthCheck.DEFAULT_INTERVAL),
                timeout.orElse(HealthCheck.DEFAULT_TIMEOUT),
                retries.orElse(HealthCheck.DEFAULT_RETRIES),
                startPeriod.orElse(Duration.ZERO)));
    }

    private void checkProbes() {
        var given = PROBES.stream().filter(option -> !all(option).isEmpty()).toList();
        for (var second : given.stream().skip(1).toList()) {
            blame(second, " cannot be used with " + given.getFirst().names().getFirst()
                    + "=: a unit has one check. Remove one of them");
        }
        if (given.isEmpty()) {
            TERMS.forEach(option -> blame(
                    option,
                    " has no meaning without HealthHttp=, HealthTcp= or HealthExec=. Add one, or remove the line"));
        }
        if (file.settings().stream().anyMatch(setting -> setting.section().equals("Container"))) {
            blame(PlacementOption.HEALTH_EXEC, " would run outside of the container. Write HealthCmd= in [Container]");
        }
    }

    private static Duration drain(String value) {
        return span(value, Duration.ZERO);
    }

    private static Duration span(String value, Duration least) {
        var span = TimeSpan.parse(value);
        if (span.compareTo(least) < 0 || span.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " is too " + (span.compareTo(least) < 0 ? "short" : "long")
                            + ". Write what is between " + least.toMillis() + "ms and 1d");
        }
        return span;
    }

    private static int retries(String value) {
        boolean isNumber = value.length() <= 4 && value.matches("\\d+");
        if (!isNumber || Integer.parseInt(value) < 1 || Integer.parseInt(value) > MOST_RETRIES) {
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " is no number of tries. Write 1 to " + MOST_RETRIES);
        }
        return Integer.parseInt(value);
    }

    private ImmutableList<Setting> all(PlacementOption option) {
        return file.settings().stream().filter(option::is).collect(ImmutableList.toImmutableList());
    }

    /// What the last line says that gives an option. All of them are checked.
    private <T> Optional<T> last(PlacementOption option, Function<String, T> reader) {
        Optional<T> last = Optional.empty();
        for (var setting : all(option)) {
            last = read(setting, reader);
        }
        return last;
    }

    private <T> Optional<T> read(Setting setting, Function<String, T> reader) {
        if (setting.value().isEmpty()) {
            problems.accept(setting, " has no value. Give it one, or remove the line");
            return Optional.empty();
        }
        try {
            return Optional.of(reader.apply(Specifiers.expandInPlacement(name, setting.value())));
        } catch (IllegalArgumentException wrong) {
            problems.accept(setting, wrong.getMessage());
            return Optional.empty();
        }
    }

    /// Blames the last line that gives an option, if any does.
    private void blame(PlacementOption option, String message) {
        var given = all(option);
        if (!given.isEmpty()) {
            problems.accept(given.getLast(), message);
        }
    }
}
