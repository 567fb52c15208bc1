package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableSet;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.UnitKey;
import io.flota.agent.runtime.setting.References;
import io.flota.agent.runtime.systemd.Entry.Bond;
import io.flota.agent.runtime.systemd.Entry.Broken;
import io.flota.unit.BooleanValue;
import io.flota.unit.PartitionRules;
import io.flota.unit.PartitionRules.OnDisconnect;
import io.flota.unit.PartitionRules.OnReconnect;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;

/// A unit file as systemd gets it: what was placed, between what Flota adds. What may be overridden stands before it,
/// what must not after it. One file, and no drop-in: then an agent that is not root needs no folder of systemd's.
///
/// @param bond how the unit depends on the machine's lease
/// @param install whether it has an `[Install]` section
/// @param broken why it cannot be run here; empty if it can, as far as Flota knows
record Composed(ByteString text, Bond bond, boolean install, Optional<Broken> broken) {
    /// Types that systemd makes from other sources than files, and those of old that it has no more.
    private static final ImmutableSet<String> FILELESS = ImmutableSet.of("busname", "device", "scope", "snapshot");

    private static final String SERVICE = "service";
    /// In characters, as far as the bindings to D-Bus take it. Names of files have as much room.
    private static final int LONGEST_PATH = 255;

    private static final PartitionRules UNKNOWN =
            new PartitionRules(true, OnDisconnect.STOP, Duration.ZERO, OnReconnect.NEWEST);

    static Composed of(UnitName unit, UnitFile file, SystemdSettings settings, StateFiles files) {
        var bond = bond(unit, file);
        boolean install = file.settings().stream().anyMatch(setting -> setting.section().equals("Install"));
        var broken = problem(unit, file, bond).map(message -> new Broken("error", message));
        boolean service = unit.type().equals(SERVICE);
        var text = (service ? head(unit, bond, settings, files) + "\n" : "") + References.toServices(file) + "\n\n"
                + (service ? tail(unit, bond, settings, files) : "")
                // A unit that left this machine is not started for another unit's sake.
                + "[Unit]\nConditionPathExists=!" + escaped(files.released(unit).toString()) + "\n";
        return new Composed(ByteString.copyFromUtf8(text), bond, install, broken);
    }

    /// What may be loaded on a host that cannot end each unit in time.
    ///
    /// @param lacking what units that depend on the lease need, and this host has not; empty if it has all
    Composed on(Optional<String> lacking) {
        if (bond == Bond.FREE || broken.isPresent() || lacking.isEmpty()) {
            return this;
        }
        var setting = bond == Bond.EXCLUSIVE ? "Exclusive=true" : "OnDisconnect=stop";
        return new Composed(text, bond, install, Optional.of(new Broken("error", setting + " " + lacking.get())));
    }

    /// A unit whose rules are not understood may be exclusive.
    private static PartitionRules rules(UnitName unit, UnitFile file) {
        try {
            return PlacementRules.of(unit.full(), unit, file).partition();
        } catch (UnitFileException _) {
            return UNKNOWN;
        }
    }

    /// What is still there of the file of a unit of which nothing else is known. One without a file may be exclusive.
    static Composed found(UnitName unit, ByteString text) {
        var found = new Composed(text, Bond.EXCLUSIVE, false, Optional.empty());
        var rules = found.rules(unit);
        return rules.exclusive() ? found : new Composed(text, bond(rules), false, Optional.empty());
    }

    /// What becomes of a unit with this file while the machine is cut off.
    PartitionRules rules(UnitName unit) {
        if (text.isEmpty()) {
            return UNKNOWN;
        }
        try {
            return rules(unit, UnitFile.parse(unit.full(), text));
        } catch (UnitFileException _) {
            return UNKNOWN;
        }
    }

    private static Bond bond(UnitName unit, UnitFile file) {
        return bond(rules(unit, file));
    }

    private static Bond bond(PartitionRules rules) {
        if (rules.exclusive()) {
            return Bond.EXCLUSIVE;
        }
        return rules.onDisconnect() == OnDisconnect.STOP ? Bond.BOUND : Bond.FREE;
    }

    /// Whether systemd can be asked of a unit with such a name.
    static boolean isNamable(UnitName unit) {
        return Systemd.path(unit.full()).length() <= LONGEST_PATH;
    }

    private static Optional<String> problem(UnitName unit, UnitFile file, Bond bond) {
        if (unit.isTemplate()) {
            return Optional.of(unit + " is a template; only its instances can run");
        }
        if (FILELESS.contains(unit.type())) {
            return Optional.of("systemd has no unit files of the type " + unit.type());
        }
        if (!isNamable(unit)) {
            return Optional.of("its name is too long: on D-Bus it makes a path of "
                    + Systemd.path(unit.full()).length() + " characters, and there must not be more than " + LONGEST_PATH);
        }
        if (bond != Bond.FREE && !unit.type().equals(SERVICE)) {
            return Optional.of((bond == Bond.EXCLUSIVE ? "Exclusive=true" : "OnDisconnect=stop")
                    + " is for services: of " + unit + " nothing can be killed in time");
        }
        if (bond != Bond.FREE && file.last("Service", "PAMName").filter(name -> !name.isEmpty()).isPresent()) {
            return Optional.of("PAMName= may take processes out of the unit's control group, where nothing ends them in"
                    + " time; it does not go with Exclusive=true and OnDisconnect=stop");
        }
        if (bond == Bond.EXCLUSIVE && file.last("Service", "ExecStopPost").isPresent()) {
            return Optional.of("systemd runs ExecStopPost= also after a unit was killed because its time was over, and"
                    + " after a start that was refused; it does not go with Exclusive=true, use ExecStop=");
        }
        if (bond != Bond.FREE && file.last("Unit", "RefuseManualStop").filter(Composed::saysYes).isPresent()) {
            return Optional.of("RefuseManualStop= keeps Flota from stopping the unit in time; it does not go with"
                    + " Exclusive=true and OnDisconnect=stop");
        }
        boolean resets = file.all("Service", "ExecCondition").stream().anyMatch(setting -> setting.value().isEmpty());
        if (bond != Bond.FREE && resets) {
            return Optional.of("an empty ExecCondition= takes away the condition by which Exclusive=true and"
                    + " OnDisconnect=stop are kept; leave it out");
        }
        return Optional.empty();
    }

    private static boolean saysYes(String value) {
        try {
            return BooleanValue.parse(value);
        } catch (IllegalArgumentException _) {
            return false; // systemd leaves it out
        }
    }

    private static String head(UnitName unit, Bond bond, SystemdSettings settings, StateFiles files) {
        var text = new StringBuilder("# What Flota adds stands here and at the end.\n[Service]\n")
                .append("Environment=\"COREOS_PUBLIC_IPV4=").append(settings.publicIp())
                .append("\" \"COREOS_PRIVATE_IPV4=").append(settings.privateIp()).append("\"\n");
        settings.environment().forEach((name, value) -> text.append("Environment=\"")
                .append(name).append('=').append(quoted(value)).append("\"\n"));
        if (bond != Bond.FREE) {
            text.append("ExecCondition=+/bin/sh ").append(escaped(files.condition().toString()))
                    .append(bond == Bond.EXCLUSIVE ? " exclusive " : " bound ").append(UnitKey.of(unit))
                    .append(" %n\n");
        }
        return text.toString();
    }

    private static String tail(UnitName unit, Bond bond, SystemdSettings settings, StateFiles files) {
        var text = new StringBuilder("[Service]\nEnvironment=\"FLOTA_MACHINE_ID=")
                .append(settings.machineId()).append("\" \"FLOTA_UNIT=%n\"\n");
        if (bond == Bond.EXCLUSIVE) {
            text.append("EnvironmentFile=-").append(escaped(files.epoch(unit).toString())).append('\n');
        }
        return text.toString();
    }

    /// Between double quotes.
    private static String quoted(String value) {
        return escaped(value.replace("\\", "\\\\").replace("\"", "\\\""));
    }

    private static String escaped(String path) {
        return path.replace("%", "%%");
    }
}
