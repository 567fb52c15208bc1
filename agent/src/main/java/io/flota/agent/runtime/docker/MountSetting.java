package io.flota.agent.runtime.docker;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.unit.BooleanValue;
import java.util.LinkedHashMap;
import java.util.Optional;

/// A `Mount=`, such as `type=bind,source=/srv,target=/var/www,ro`.
///
/// @param source a folder or file of the machine, or the name of a volume; empty: a volume without a name
/// @param propagation of a bind only
/// @param copied of a volume only: whether it begins with what the image has there
/// @param size of a tmpfs only, in bytes
/// @param mode of a tmpfs only
record MountSetting(
        Type type, Optional<String> source, String target, boolean readOnly, Optional<String> propagation,
        boolean copied, Optional<Long> size, Optional<Integer> mode) {
    enum Type {
        BIND,
        VOLUME,
        TMPFS
    }

    static final ImmutableSet<String> PROPAGATIONS =
            ImmutableSet.of("private", "rprivate", "shared", "rshared", "slave", "rslave");
    private static final ImmutableMap<String, Type> TYPES =
            ImmutableMap.of("bind", Type.BIND, "volume", Type.VOLUME, "tmpfs", Type.TMPFS);
    /// Which options there are besides those that every type has.
    private static final ImmutableMap<Type, ImmutableSet<String>> OPTIONS = ImmutableMap.of(
            Type.BIND, ImmutableSet.of("source", "bind-propagation"),
            Type.VOLUME, ImmutableSet.of("source", "volume-nocopy"),
            Type.TMPFS, ImmutableSet.of("tmpfs-size", "tmpfs-mode"));
    private static final ImmutableMap<String, String> SPELLINGS = ImmutableMap.of(
            "src", "source", "dst", "target", "destination", "target", "ro", "readonly", "nocopy", "volume-nocopy");

    /// @throws IllegalArgumentException whose message says what is wrong
    static MountSetting parse(String text) {
        var given = options(text);
        var type = Optional.ofNullable(TYPES.get(given.getOrDefault("type", "volume")))
                .orElseThrow(() -> new IllegalArgumentException("mounts of type " + given.get("type")
                        + " are Podman's; Docker has " + String.join(", ", TYPES.keySet())));
        for (var option : given.keySet()) {
            boolean common = option.equals("type") || option.equals("target") || option.equals("readonly");
            if (!common && !OPTIONS.get(type).contains(option)) {
                throw new IllegalArgumentException("its option \"" + option + "\" is none of Docker's for type="
                        + given.getOrDefault("type", "volume"));
            }
        }
        var source = Optional.ofNullable(given.get("source"));
        var target = path(Optional.ofNullable(given.get("target"))
                .orElseThrow(() -> new IllegalArgumentException("it has no target=, a path in the container")));
        if (type == Type.BIND) {
            path(source.orElseThrow(() -> new IllegalArgumentException("it has no source=, a path of the machine")));
        } else {
            source.ifPresent(VolumeSetting::name);
        }
        return new MountSetting(
                type, source, target, flag(given, "readonly"),
                Optional.ofNullable(given.get("bind-propagation")).map(MountSetting::propagation),
                !flag(given, "volume-nocopy"),
                Optional.ofNullable(given.get("tmpfs-size")).map(DockerSize::parse),
                Optional.ofNullable(given.get("tmpfs-mode")).map(MountSetting::mode));
    }

    private static ImmutableMap<String, String> options(String text) {
        var options = new LinkedHashMap<String, String>();
        for (var option : Splitter.on(',').split(text)) {
            int equals = option.indexOf('=');
            var name = equals < 0 ? option : option.substring(0, equals);
            var value = equals < 0 ? "true" : option.substring(equals + 1);
            boolean propagation = equals < 0 && PROPAGATIONS.contains(name);
            boolean writable = name.equals("rw");
            var known = propagation ? "bind-propagation" : writable ? "readonly" : SPELLINGS.getOrDefault(name, name);
            var meant = propagation ? name : writable ? BooleanValue.parse(value) ? "false" : "true" : value;
            if (options.put(known, meant) != null) {
                throw new IllegalArgumentException("its option \"" + known + "\" is given twice");
            }
        }
        return ImmutableMap.copyOf(options);
    }

    private static boolean flag(ImmutableMap<String, String> given, String name) {
        return BooleanValue.parse(given.getOrDefault(name, "false"));
    }

    private static String propagation(String value) {
        if (!PROPAGATIONS.contains(value)) {
            throw new IllegalArgumentException(
                    "\"" + value + "\" is not one of " + String.join(", ", PROPAGATIONS));
        }
        return value;
    }

    private static int mode(String value) {
        if (!value.matches("[0-7]{3,4}")) {
            throw new IllegalArgumentException("\"" + value + "\" is not a mode in octal, such as 1777");
        }
        return Integer.parseInt(value, 8);
    }

    /// @throws IllegalArgumentException if it is not an absolute path
    static String path(String value) {
        if (!value.startsWith("/")) {
            throw new IllegalArgumentException("\"" + value + "\" is not an absolute path");
        }
        return value;
    }
}
