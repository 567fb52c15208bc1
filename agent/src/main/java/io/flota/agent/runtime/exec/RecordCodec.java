package io.flota.agent.runtime.exec;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.process.Signal;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;

/// A unit's name, [Life] and [Wish] as lines of `key=value`, and back.
final class RecordCodec {
    /// @param unit whose they are
    record Durable(UnitName unit, Life life, Wish wish) {}

    private static final String BEGIN = "unit=";
    private static final String END = "end\n";
    private static final String PROPERTY = "property.";

    private RecordCodec() {}

    static String encode(Durable durable) {
        var life = durable.life();
        var wish = durable.wish();
        var lines = new StringJoiner("\n");
        lines.add(BEGIN + durable.unit());
        put(lines, "phase", life.phase().name());
        put(lines, "command", life.command());
        life.main().ifPresent(proc -> put(lines, "main", proc));
        life.control().ifPresent(proc -> put(lines, "control", proc));
        life.mainExit().ifPresent(exit -> put(lines, "mainExit", exit));
        put(lines, "result", life.result().name());
        put(lines, "stopRequested", life.stopRequested());
        put(lines, "emptied", life.emptied());
        put(lines, "unheard", life.unheard());
        life.deadline().ifPresent(at -> put(lines, "deadline", at));
        put(lines, "since", life.since());
        put(lines, "activated", life.activated());
        put(lines, "restarts", life.restarts());
        life.starts().forEach(at -> put(lines, "start", at));
        if (life.epoch().exists()) {
            put(lines, "epoch", life.epoch().base() + " " + life.epoch().starts());
        }
        put(lines, "runs", life.runs());
        put(lines, "reason", oneLine(life.reason()));
        put(lines, "status", oneLine(life.status()));
        put(lines, "job", wish.job().name());
        put(lines, "asked", wish.asked());
        put(lines, "because", oneLine(wish.because()));
        put(lines, "generation", wish.generation());
        put(lines, "epochBase", wish.epochBase());
        wish.partner().ifPresent(partner -> put(lines, "partner", partner.full()));
        put(lines, "unload", wish.unload());
        put(lines, "leaving", wish.leaving());
        wish.properties().values().forEach((name, value) -> put(lines, PROPERTY + name, oneLine(value)));
        return lines.add(END).toString();
    }

    /// The last of the records in a text that is whole. One that was cut off may follow it, or stand before it.
    ///
    /// @throws IllegalArgumentException if there is none
    static Durable decode(String text) {
        int end = text.lastIndexOf("\n" + END) + 1;
        int begin = text.lastIndexOf(BEGIN, end);
        if (end == 0 || begin < 0) {
            throw new IllegalArgumentException("there is no whole record of a unit");
        }
        try {
            return decodeOne(text.substring(begin, end));
        } catch (DateTimeException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a unit's record has a bad value: " + e.getMessage(), e);
        }
    }

    private static Durable decodeOne(String text) {
        Map<String, String> values = new HashMap<>();
        var starts = ImmutableList.<Instant>builder();
        for (var line : Splitter.on('\n').omitEmptyStrings().split(text)) {
            var parts = line.split("=", 2);
            if (parts.length != 2) {
                throw new IllegalArgumentException("not a line of a unit's record: " + line);
            }
            if (parts[0].equals("start")) {
                starts.add(Instant.parse(parts[1]));
            } else {
                values.put(parts[0], parts[1]);
            }
        }
        return new Durable(new UnitName(get(values, "unit")), life(values, starts.build()), wish(values));
    }

    private static Life life(Map<String, String> values, ImmutableList<Instant> starts) {
        return new Life(
                Phase.valueOf(get(values, "phase")),
                Integer.parseInt(get(values, "command")),
                find(values, "main").map(RecordCodec::proc),
                find(values, "control").map(RecordCodec::proc),
                find(values, "mainExit").map(RecordCodec::exit),
                Result.valueOf(get(values, "result")),
                Boolean.parseBoolean(get(values, "stopRequested")),
                Boolean.parseBoolean(get(values, "emptied")),
                find(values, "unheard").map(Boolean::parseBoolean).orElse(false),
                find(values, "deadline").map(Instant::parse),
                Instant.parse(get(values, "since")),
                Instant.parse(get(values, "activated")),
                Integer.parseInt(get(values, "restarts")),
                starts,
                find(values, "epoch").map(RecordCodec::epoch).orElse(Epoch.NONE),
                Long.parseLong(get(values, "runs")),
                get(values, "reason"),
                get(values, "status"));
    }

    private static Wish wish(Map<String, String> values) {
        return new Wish(
                Wish.Job.valueOf(get(values, "job")),
                Instant.parse(get(values, "asked")),
                get(values, "because"),
                Long.parseLong(get(values, "generation")),
                find(values, "epochBase").map(Long::parseLong).orElse(0L),
                find(values, "partner").map(UnitName::new),
                Boolean.parseBoolean(get(values, "unload")),
                find(values, "leaving").map(Boolean::parseBoolean).orElse(false),
                properties(values));
    }

    private static UnitProperties properties(Map<String, String> values) {
        var properties = new TreeMap<String, String>();
        values.forEach((key, value) -> {
            if (key.startsWith(PROPERTY)) {
                properties.put(key.substring(PROPERTY.length()), value);
            }
        });
        return UnitProperties.of(properties);
    }

    private static void put(StringJoiner lines, String key, Object value) {
        lines.add(key + "=" + switch (value) {
            case Proc(long run, long pid, long ticks) -> run + " " + pid + " " + ticks;
            case Exit.Code(int status) -> "code " + status;
            case Exit.Killed(Signal signal) -> "signal " + signal.number();
            case Exit.Unseen _ -> "unseen 0";
            default -> value.toString();
        });
    }

    private static Proc proc(String text) {
        var parts = text.split(" ");
        return new Proc(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }

    private static Epoch epoch(String text) {
        var parts = text.split(" ");
        return new Epoch(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    private static Exit exit(String text) {
        var parts = text.split(" ");
        int number = Integer.parseInt(parts[1]);
        return switch (parts[0]) {
            case "code" -> new Exit.Code(number);
            case "signal" -> new Exit.Killed(new Signal(number));
            case "unseen" -> new Exit.Unseen();
            default -> throw new IllegalArgumentException("not how a process ends: " + text);
        };
    }

    private static String get(Map<String, String> values, String key) {
        return find(values, key)
                .orElseThrow(() -> new IllegalArgumentException("a unit's record has no \"" + key + "\""));
    }

    private static Optional<String> find(Map<String, String> values, String key) {
        return Optional.ofNullable(values.get(key));
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ');
    }
}
