package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.setting.SettingReader;

/// What becomes of each key of `[Container]`: all those of Podman's manual (podman-container.unit(5), Podman 6), and
/// those that its Quadlet knows and the manual does not name.
final class ContainerKeys {
    /// What becomes of a key.
    sealed interface Fate {
        /// @param as what of Docker's it becomes
        record Honoured(String as) implements Fate {}

        /// The unit is not loaded.
        ///
        /// @param harmless values that ask for nothing, and are let be
        record Refused(String because, ImmutableSet<String> harmless) implements Fate {}

        /// The unit runs without it, and says so.
        record Named(String because) implements Fate {}
    }

    /// Values that ask for nothing; before what is made with it.
    private static final ImmutableSet<String> NO = ImmutableSet.of("no", "false", "0", "off");

    static final ImmutableMap<String, Fate> ALL = ImmutableMap.<String, Fate>builder()
            .putAll(honoured())
            .putAll(refused())
            .putAll(named())
            .buildOrThrow();

    private ContainerKeys() {}

    /// Refuses what is refused.
    static void refuse(SettingReader reader) {
        ALL.forEach((key, fate) -> {
            if (fate instanceof Fate.Refused(String because, ImmutableSet<String> harmless)) {
                var _ = reader.last(ContainerReader.SECTION, key, value -> {
                    if (!harmless.contains(value)) {
                        throw new IllegalArgumentException(because);
                    }
                    return value;
                });
            }
        });
    }

    private static ImmutableMap<String, Fate> honoured() {
        return new Rows()
                .honoured("AddCapability", "`HostConfig.CapAdd`")
                .honoured("AddDevice", "`HostConfig.Devices`; with `-` in front, only if the machine has it")
                .honoured("AddHost", "`HostConfig.ExtraHosts`")
                .honoured("AppArmor", "`HostConfig.SecurityOpt`: `apparmor=`")
                .honoured("ContainerName", "the container's name; without it `flota-` and the unit's: `flota-web_1`")
                .honoured("DNS", "`HostConfig.Dns`")
                .honoured("DNSOption", "`HostConfig.DnsOptions`")
                .honoured("DNSSearch", "`HostConfig.DnsSearch`")
                .honoured("DropCapability", "`HostConfig.CapDrop`")
                .honoured("Entrypoint", "`Config.Entrypoint`: one program, or a list in JSON; empty: none")
                .honoured("Environment", "`Config.Env`, with systemd's quoting")
                .honoured("EnvironmentFile", "`Config.Env`, read from the machine's file; `-` in front: may be missing")
                .honoured("Exec", "`Config.Cmd`, with systemd's quoting; `$$` is a `$`, and any other `$` stays")
                .honoured("ExposeHostPort", "`Config.ExposedPorts`")
                .honoured("Group", "`Config.User`, behind `User=`")
                .honoured("GroupAdd", "`HostConfig.GroupAdd`")
                .honoured("HealthCmd", "`Config.Healthcheck.Test`: a line for the shell, a list in JSON, or `none`")
                .honoured("HealthInterval", "`Config.Healthcheck.Interval`")
                .honoured("HealthOnFailure", "the agent's: `none`, `kill`, `restart` or `stop`")
                .honoured("HealthRetries", "`Config.Healthcheck.Retries`")
                .honoured("HealthStartPeriod", "`Config.Healthcheck.StartPeriod`")
                .honoured("HealthTimeout", "`Config.Healthcheck.Timeout`")
                .honoured("HostName", "`Config.Hostname`")
                .honoured("IP", "the address in the first network, which has to be one that was made")
                .honoured("IP6", "the same")
                .honoured("Image", "`Config.Image`, which the agent pulls")
                .honoured("Label", "`Config.Labels`; those of `io.flota.` are the agent's")
                .honoured("LogDriver", "`HostConfig.LogConfig.Type`")
                .honoured("LogOpt", "`HostConfig.LogConfig.Config`")
                .honoured("Memory", "`HostConfig.Memory`; if `MemoryMax=` is lower, that one")
                .honoured("Mount", "`HostConfig.Mounts`: of type `bind`, `volume` or `tmpfs`")
                .honoured("Network", "`HostConfig.NetworkMode`; further ones are connected before the start")
                .honoured("NetworkAlias", "the name in the first network, which has to be one that was made")
                .honoured("NoNewPrivileges", "`HostConfig.SecurityOpt`: `no-new-privileges`")
                .honoured("Notify", "the agent's: with `healthy` the unit is active once the container is healthy")
                .honoured("PidsLimit", "`HostConfig.PidsLimit`; if `TasksMax=` is lower, that one")
                .honoured("PublishPort", "`HostConfig.PortBindings` and `Config.ExposedPorts`")
                .honoured("Pull", "the agent's: `missing`, `always`, `newer` or `never`")
                .honoured("ReadOnly", "`HostConfig.ReadonlyRootfs`")
                .honoured(
                        "ReadOnlyTmpfs",
                        "with `ReadOnly=`, unless `no`: `HostConfig.Tmpfs`: `/run`, `/tmp`, `/var/tmp`")
                .honoured("RunInit", "`HostConfig.Init`")
                .honoured("SeccompProfile", "`HostConfig.SecurityOpt`: what the machine's file says, or `unconfined`")
                .honoured("SecurityLabelDisable", "`HostConfig.SecurityOpt`: `label=disable`")
                .honoured("SecurityLabelFileType", "`HostConfig.SecurityOpt`: `label=filetype:`")
                .honoured("SecurityLabelLevel", "`HostConfig.SecurityOpt`: `label=level:`")
                .honoured("SecurityLabelType", "`HostConfig.SecurityOpt`: `label=type:`")
                .honoured("ShmSize", "`HostConfig.ShmSize`")
                .honoured("StopSignal", "`Config.StopSignal`")
                .honoured("StopTimeout", "`Config.StopTimeout`")
                .honoured("Sysctl", "`HostConfig.Sysctls`")
                .honoured("Timezone", "the machine's file of that zone, or of its own (`local`), as `/etc/localtime`")
                .honoured("Tmpfs", "`HostConfig.Tmpfs`")
                .honoured("Ulimit", "`HostConfig.Ulimits`")
                .honoured("User", "`Config.User`")
                .honoured("UserNS", "`HostConfig.UsernsMode`: only `host`, as Docker maps users for the whole daemon")
                .honoured("Volume", "`HostConfig.Binds`; without a source `Config.Volumes`")
                .honoured("WorkingDir", "`Config.WorkingDir`")
                .rows();
    }

    private static ImmutableMap<String, Fate> refused() {
        var users = "Docker maps users for the whole daemon (its setting userns-remap), not for one container";
        var startup = "Docker has no second check for the start; use HealthStartPeriod=";
        return new Rows()
                .refused("ContainersConfModule", "Docker reads no containers.conf; use the keys of [Container]")
                .refused("EnvironmentHost", "the agent's environment is not the unit's; name it in Environment=", NO)
                .refused("GIDMap", users)
                .refused("GlobalArgs", "there is no podman command line; use the keys of [Container]")
                .refused("HealthStartupCmd", startup)
                .refused("HealthStartupInterval", startup)
                .refused("HealthStartupRetries", startup)
                .refused("HealthStartupSuccess", startup)
                .refused("HealthStartupTimeout", startup)
                .refused("HttpProxy", "the agent passes on no proxy; name it in Environment=", NO)
                .refused(
                        "ImageVolume",
                        "Docker makes volumes where the image declares them; name them in Tmpfs= or Volume=",
                        ImmutableSet.of("bind", "anonymous"))
                .refused("Mask", "Docker's API hides no further paths; cover it with Tmpfs= or Volume=")
                .refused("Pod", "Docker has no pods; use Network=container:NAME and BindsTo=")
                .refused("PodmanArgs", "there is no podman command line; use the keys of [Container]")
                .refused("RemapGid", users)
                .refused("RemapUid", users)
                .refused("RemapUidSize", users)
                .refused("RemapUsers", users)
                .refused("Rootfs", "Docker runs images only; use Image=")
                .refused("Secret", "Docker has secrets in its swarm only; use Volume= or EnvironmentFile=")
                .refused("SecurityLabelNested", "Docker has no such label; use SecurityLabelDisable=yes", NO)
                .refused("ServiceName", "the unit is called as its file is; rename the file")
                .refused("SubGIDMap", users)
                .refused("SubUIDMap", users)
                .refused("UIDMap", users)
                .refused("Umask", "Docker sets none; set it in what the container runs")
                .refused("Unmask", "Docker's API uncovers no paths")
                .refused("VolatileTmp", "Podman has given it up; use Tmpfs=/tmp", NO)
                .rows();
    }

    private static ImmutableMap<String, Fate> named() {
        return new Rows()
                .named("Annotation", "Docker before release 24 has none; use `Label=`")
                .named("AutoUpdate", "what runs stays until the unit is loaded anew; use `Pull=newer`")
                .named("CgroupsMode", "a container's control group is Docker's")
                .named("HealthLogDestination", "Docker keeps it with the container")
                .named("HealthMaxLogCount", "Docker keeps the last five")
                .named("HealthMaxLogSize", "Docker keeps 4096 characters of each")
                .named("ReloadCmd", "nothing asks for a reload yet")
                .named("ReloadSignal", "nothing asks for a reload yet")
                .named("Retry", "a pull is tried until it succeeds")
                .named("RetryDelay", "the pauses between pulls grow by themselves")
                .named("StartWithPod", "there are no pods")
                .rows();
    }

    private static final class Rows {
        private final ImmutableMap.Builder<String, Fate> rows = ImmutableMap.builder();

        Rows honoured(String key, String as) {
            rows.put(key, new Fate.Honoured(as));
            return this;
        }

        Rows refused(String key, String because) {
            return refused(key, because, ImmutableSet.of());
        }

        Rows refused(String key, String because, ImmutableSet<String> harmless) {
            rows.put(key, new Fate.Refused(because, harmless));
            return this;
        }

        Rows named(String key, String because) {
            rows.put(key, new Fate.Named(because));
            return this;
        }

        ImmutableMap<String, Fate> rows() {
            return rows.buildOrThrow();
        }
    }
}
