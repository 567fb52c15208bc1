package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableMap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.systemd.Entry.Bond;
import io.flota.agent.runtime.systemd.Entry.Broken;
import io.flota.agent.runtime.systemd.Wish.Job;
import io.flota.agent.runtime.systemd.Wish.Outcome;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What is kept of a unit on disk, a `key=value` on each line.
final class Record {
    private static final String PROPERTY = "property.";

    private Record() {}

    static String encode(Entry entry) {
        var wish = entry.wish();
        var fields = ImmutableMap.<String, String>builder()
                .put("hash", entry.hash())
                .put("bond", entry.file().bond().name())
                .put("install", Boolean.toString(entry.file().install()))
                .put("load", entry.broken().map(Broken::load).orElse(""))
                .put("sound", Boolean.toString(entry.file().broken().isEmpty()))
                .put("problem", entry.broken().map(Broken::message).orElse(""))
                .put("foreign", Boolean.toString(entry.isForeign()))
                .put("generation", Long.toString(wish.generation()))
                .put("base", Long.toString(wish.epochBase()))
                .put("job", wish.job().name())
                .put("replaced", Long.toString(wish.replaced()))
                .put("unload", Boolean.toString(wish.unload()))
                .put("leaving", Boolean.toString(wish.leaving()))
                .put("outcome", wish.outcome().name())
                .put("note", wish.note())
                .put("active", entry.seen().active())
                .put("sub", entry.seen().sub())
                .put("since", entry.seen().since().toString())
                .put("whole", "yes")
                .build();
        var text = new StringBuilder();
        entry.limits().wanted().values().forEach((key, value) ->
                text.append(PROPERTY).append(key).append('=').append(value.replace('\n', ' ')).append('\n'));
        fields.forEach((key, value) ->
                text.append(key).append('=').append(value.replace('\n', ' ')).append('\n'));
        return text.toString();
    }

    /// @throws IllegalArgumentException if it is damaged
    static Entry decode(UnitName name, ByteString file, String text) {
        Map<String, String> fields = new HashMap<>();
        text.lines().forEach(line -> {
            int equals = line.indexOf('=');
            fields.put(line.substring(0, Math.max(0, equals)), line.substring(equals + 1));
        });
        if (!fields.containsKey("whole")) {
            throw new IllegalArgumentException("it is not whole");
        }
        try {
            var broken = field(fields, "load").isEmpty()
                    ? Optional.<Broken>empty()
                    : Optional.of(new Broken(
                            field(fields, "load"), field(fields, "problem"),
                            Boolean.parseBoolean(field(fields, "foreign"))));
            var wish = new Wish(
                    Long.parseLong(field(fields, "generation")), Long.parseLong(field(fields, "base")),
                    Job.valueOf(field(fields, "job")), Long.parseLong(field(fields, "replaced")),
                    Boolean.parseBoolean(field(fields, "unload")), Boolean.parseBoolean(field(fields, "leaving")),
                    Outcome.valueOf(field(fields, "outcome")), field(fields, "note"));
            var seen = Seen.NOTHING
                    .with(ImmutableMap.of("ActiveState", field(fields, "active"), "SubState", field(fields, "sub")))
                    .since(Instant.parse(field(fields, "since")));
            boolean sound = Boolean.parseBoolean(field(fields, "sound"));
            var composed = new Composed(
                    file, Bond.valueOf(field(fields, "bond")), Boolean.parseBoolean(field(fields, "install")),
                    sound ? Optional.empty() : broken);
            // Of one that was kept out there may be no file: it is to be loaded anew.
            var hash = composed.broken().isEmpty() && file.isEmpty() ? "" : field(fields, "hash");
            return new Entry(name, hash, composed, broken, wish, limits(fields), Optional.empty(), seen);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("a time in it is damaged", e);
        }
    }

    private static Limits limits(Map<String, String> fields) {
        var wanted = new TreeMap<String, String>();
        fields.forEach((key, value) -> {
            if (key.startsWith(PROPERTY)) {
                wanted.put(key.substring(PROPERTY.length()), value);
            }
        });
        return new Limits(UnitProperties.of(wanted), "");
    }

    private static String field(Map<String, String> fields, String key) {
        return Optional.ofNullable(fields.get(key))
                .orElseThrow(() -> new IllegalArgumentException("it has no " + key));
    }

    /// One that is ours, and of which nothing else is known: it has no file that is placed anywhere, so that it is
    /// stopped, and loaded anew if it is placed here.
    ///
    /// @param file what is still there of it; may be empty
    static Entry unknown(UnitName name, ByteString file) {
        var composed = Composed.found(name, file);
        return new Entry(
                name, "", composed, Optional.empty(), Wish.NOTHING, Limits.NONE, Optional.empty(), Seen.NOTHING);
    }
}
