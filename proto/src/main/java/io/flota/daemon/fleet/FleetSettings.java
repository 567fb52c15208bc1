package io.flota.daemon.fleet;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.daemon.SettingsException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What was given to a fleetd: its settings file, and `FLEET_*`, which beat it, also when they are empty.
///
/// @param file that was read; empty if none is there
/// @param given by fleet's key
public record FleetSettings(Optional<Path> file, ImmutableSortedMap<String, Given> given) {
    /// @param place `file:line`, or the variable's name
    public record Given(String value, String place) {}

    /// Where a fleetd looks if it is not told where.
    private static final Path USUAL_FILE = Path.of("/etc/fleet/fleet.conf");
    private static final String PREFIX = "FLEET_";

    static final ImmutableSortedSet<String> KEYS = ImmutableSortedSet.of(
            "agent_ttl", "authorized_keys_file", "disable_engine", "disable_watches", "enable_grpc",
            "engine_reconcile_interval", "etcd_cafile", "etcd_certfile", "etcd_key_prefix", "etcd_keyfile",
            "etcd_password", "etcd_request_timeout", "etcd_servers", "etcd_username", "metadata", "public_ip",
            "systemd_user", "token_limit", "units_directory", "verbosity", "verify_units");

    public static final FleetSettings NONE = new FleetSettings(Optional.empty(), ImmutableSortedMap.of());

    /// Empty if it is not there.
    public static Optional<Path> usualFile() {
        return Optional.of(USUAL_FILE).filter(Files::exists);
    }

    /// @throws SettingsException with every problem of the file, each as `file:line: what`
    public static FleetSettings read(Optional<Path> file, Map<String, String> environment) throws SettingsException {
        var given = new TreeMap<String, Given>();
        if (file.isPresent()) {
            given.putAll(settings(file.get()));
        }
        environment.forEach((name, value) -> {
            var key = name.toLowerCase(Locale.ROOT);
            if (name.startsWith(PREFIX) && KEYS.contains(key.substring(PREFIX.length()))) {
                given.put(key.substring(PREFIX.length()), new Given(value, name));
            }
        });
        return new FleetSettings(file, ImmutableSortedMap.copyOf(given));
    }

    private static Map<String, Given> settings(Path file) throws SettingsException {
        var ini = FleetIni.parse(text(file));
        if (!ini.problems().isEmpty()) {
            throw new SettingsException(
                    ini.problems().stream().map(problem -> file + ":" + problem).toList());
        }
        var given = new TreeMap<String, Given>();
        ini.settings().forEach((key, setting) ->
                given.put(key, new Given(setting.value(), file + ":" + setting.line())));
        return given;
    }

    private static String text(Path file) throws SettingsException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException _) {
            throw new SettingsException(List.of("cannot read fleet's settings file " + file + ": no such file"));
        } catch (AccessDeniedException _) {
            throw new SettingsException(List.of("cannot read fleet's settings file " + file + ": no permission for user "
                    + System.getProperty("user.name") + "; give it, or do without the file by fleet-config = \"/dev/null\""));
        } catch (MalformedInputException _) {
            throw new SettingsException(List.of("cannot read fleet's settings file " + file + ": it is not UTF-8"));
        } catch (IOException e) {
            throw new SettingsException(List.of("cannot read fleet's settings file " + file + ": "
                    + (Files.isDirectory(file) ? "it is a folder" : e.getMessage())));
        }
    }
}
