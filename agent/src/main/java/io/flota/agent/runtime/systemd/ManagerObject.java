package io.flota.agent.runtime.systemd;

import java.util.List;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.Struct;
import org.freedesktop.dbus.Tuple;
import org.freedesktop.dbus.annotations.DBusInterfaceName;
import org.freedesktop.dbus.annotations.Position;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;

/// systemd's manager object, as far as it is used here. Public, as the bindings call it by reflection.
@DBusInterfaceName("org.freedesktop.systemd1.Manager")
public interface ManagerObject extends DBusInterface {
    void Subscribe();

    void Reload();

    void ResetFailedUnit(String name);

    DBusPath StartUnit(String name, String mode);

    DBusPath RestartUnit(String name, String mode);

    DBusPath StopUnit(String name, String mode);

    DBusPath ReloadUnit(String name, String mode);

    void KillUnit(String name, String who, int signal);

    void SetUnitProperties(String name, boolean runtime, List<SetProperty> properties);

    List<UnitProcess> GetUnitProcesses(String name);

    List<ListedUnit> ListUnitsByNames(List<String> names);

    List<LinkChange> LinkUnitFiles(List<String> files, boolean runtime, boolean force);

    Enabled<Boolean, List<LinkChange>> EnableUnitFiles(List<String> files, boolean runtime, boolean force);

    List<LinkChange> DisableUnitFiles(List<String> names, boolean runtime);

    /// A job has ended: `done`, `canceled`, `timeout`, `failed`, `dependency`, `skipped` …
    class JobRemoved extends DBusSignal {
        public final DBusPath job;
        public final String unit;
        public final String result;

        public JobRemoved(String path, UInt32 id, DBusPath job, String unit, String result) throws DBusException {
            super(path, id, job, unit, result);
            this.job = job;
            this.unit = unit;
            this.result = result;
        }
    }

    /// One of a unit.
    class UnitProcess extends Struct {
        @Position(0)
        public final String group;

        @Position(1)
        public final UInt32 pid;

        @Position(2)
        public final String command;

        public UnitProcess(String group, UInt32 pid, String command) {
            this.group = group;
            this.pid = pid;
            this.command = command;
        }
    }

    /// One that is to be set.
    class SetProperty extends Struct {
        @Position(0)
        public final String name;

        @Position(1)
        public final Variant<?> value;

        public SetProperty(String name, Variant<?> value) {
            this.name = name;
            this.value = value;
        }
    }

    /// One that a list of units names.
    class ListedUnit extends Struct {
        @Position(0)
        public final String name;

        @Position(1)
        public final String description;

        @Position(2)
        public final String load;

        @Position(3)
        public final String active;

        @Position(4)
        public final String sub;

        @Position(5)
        public final String following;

        @Position(6)
        public final DBusPath path;

        @Position(7)
        public final UInt32 jobId;

        @Position(8)
        public final String jobType;

        @Position(9)
        public final DBusPath jobPath;

        public ListedUnit(
                String name, String description, String load, String active, String sub, String following,
                DBusPath path, UInt32 jobId, String jobType, DBusPath jobPath) {
            this.name = name;
            this.description = description;
            this.load = load;
            this.active = active;
            this.sub = sub;
            this.following = following;
            this.path = path;
            this.jobId = jobId;
            this.jobType = jobType;
            this.jobPath = jobPath;
        }
    }

    /// A link that was made or removed.
    class LinkChange extends Struct {
        @Position(0)
        public final String kind;

        @Position(1)
        public final String file;

        @Position(2)
        public final String destination;

        public LinkChange(String kind, String file, String destination) {
            this.kind = kind;
            this.file = file;
            this.destination = destination;
        }
    }

    class Enabled<A, B> extends Tuple {
        @Position(0)
        public final A hasInstall;

        @Position(1)
        public final B changes;

        public Enabled(A hasInstall, B changes) {
            this.hasInstall = hasInstall;
            this.changes = changes;
        }
    }
}
