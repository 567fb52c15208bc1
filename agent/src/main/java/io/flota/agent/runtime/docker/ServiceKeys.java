package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.docker.ContainerKeys.Fate.Refused;
import io.flota.agent.runtime.setting.SettingReader;

/// Keys of `[Service]` that a container's unit must not have: they would have to hold for the container, and Docker knows
/// nothing of them. All others are the service's; its own commands are subject to them, and those that ask for the
/// container are not.
final class ServiceKeys {
    /// Values that ask for nothing.
    private static final ImmutableSet<String> NO = ImmutableSet.of("no", "false", "0", "off");

    static final ImmutableMap<String, Refused> REFUSED = ImmutableMap.<String, Refused>builder()
            .putAll(rights())
            .putAll(surroundings())
            .putAll(limits())
            .buildOrThrow();

    private ServiceKeys() {}

    static void refuse(SettingReader reader) {
        REFUSED.forEach((key, refused) -> {
            var _ = reader.service(key, value -> {
                if (!refused.harmless().contains(value)) {
                    throw new IllegalArgumentException(refused.because());
                }
                return value;
            });
        });
    }

    private static ImmutableMap<String, Refused> rights() {
        var seccomp = "Docker has filters of its own for that; use SeccompProfile= in [Container]";
        var traffic = "a container's traffic is not the service's; use Network= in [Container]";
        var device = "use AddDevice= in [Container]";
        return new Rows()
                .refused("AmbientCapabilities", "use AddCapability= in [Container]")
                .refused("AppArmorProfile", "use AppArmor= in [Container]")
                .refused("CapabilityBoundingSet", "use DropCapability= in [Container]")
                .refused("DeviceAllow", device)
                .refused("DevicePolicy", device)
                .refused("DynamicUser", "a container's users are its own; use User= in [Container]", NO)
                .refused("Group", "say it in [Container]")
                .refused("IPAddressAllow", traffic)
                .refused("IPAddressDeny", traffic)
                .refused("LockPersonality", seccomp, NO)
                .refused("MemoryDenyWriteExecute", seccomp, NO)
                .refused("NoNewPrivileges", "say it in [Container]", NO)
                .refused("PrivateNetwork", "use Network=none in [Container]", NO)
                .refused("PrivateUsers", "Docker maps users for the whole daemon (its setting userns-remap)", NO)
                .refused("RestrictAddressFamilies", seccomp)
                .refused("RestrictNamespaces", seccomp, NO)
                .refused("RestrictNetworkInterfaces", traffic)
                .refused("RestrictRealtime", seccomp, NO)
                .refused("RestrictSUIDSGID", "use NoNewPrivileges= in [Container]", NO)
                .refused("SELinuxContext", "use SecurityLabelType= in [Container]")
                .refused("SupplementaryGroups", "use GroupAdd= in [Container]")
                .refused("SystemCallArchitectures", seccomp)
                .refused("SystemCallFilter", seccomp)
                .refused("User", "say it in [Container]")
                .rows();
    }

    private static ImmutableMap<String, Refused> surroundings() {
        var volume = "a container sees what Volume= in [Container] gives it; say it there";
        var root = "a container has a root of its own; use Image= and Volume= in [Container]";
        return new Rows()
                .refused("BindPaths", volume)
                .refused("BindReadOnlyPaths", volume)
                .refused("ExecPaths", volume)
                .refused("ExecStart", "what runs is Image= and Exec= in [Container]")
                .refused("ExtensionImages", root)
                .refused("InaccessiblePaths", "a container sees what Volume= gives it; cover it with Tmpfs= in [Container]")
                .refused("MountImages", volume)
                .refused("NetworkNamespacePath", "use Network= in [Container]")
                .refused("NoExecPaths", volume)
                .refused("PrivatePIDs", "a container has processes of its own; leave it out", NO)
                .refused("ReadOnlyPaths", "use ReadOnly= or Volume=…:ro in [Container]")
                .refused("ReadWritePaths", volume)
                .refused("RootDirectory", root)
                .refused("RootImage", root)
                .refused("TemporaryFileSystem", "use Tmpfs= in [Container]")
                .refused("UnsetEnvironment", "say Environment= in [Container]")
                .refused("WatchdogSec", "a container cannot tell systemd that it lives; use HealthCmd= in [Container]")
                .rows();
    }

    private static ImmutableMap<String, Refused> limits() {
        var rows = new Rows();
        for (var limit : ImmutableSet.of(
                "AS", "CORE", "CPU", "DATA", "FSIZE", "LOCKS", "MEMLOCK", "MSGQUEUE", "NICE", "NOFILE", "NPROC", "RSS",
                "RTPRIO", "RTTIME", "SIGPENDING", "STACK")) {
            rows.refused("Limit" + limit, "use Ulimit= in [Container]");
        }
        return rows.rows();
    }

    private static final class Rows {
        private final ImmutableMap.Builder<String, Refused> rows = ImmutableMap.builder();

        Rows refused(String key, String because) {
            return refused(key, because, ImmutableSet.of());
        }

        Rows refused(String key, String because, ImmutableSet<String> harmless) {
            rows.put(key, new Refused(because, harmless));
            return this;
        }

        ImmutableMap<String, Refused> rows() {
            return rows.buildOrThrow();
        }
    }
}
