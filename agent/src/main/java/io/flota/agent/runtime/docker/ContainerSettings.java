package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.agent.runtime.setting.EnvironmentSource;
import java.time.Duration;
import java.util.Optional;

/// What `[Container]` asks for, and the limits of `[Service]`: specifiers expanded, nothing looked up yet.
///
/// @param name what the container is called
/// @param notifyHealthy whether the unit is active only once the container is healthy
/// @param limits the lower ones of both sections
record ContainerSettings(
        ImageReference image,
        PullPolicy pull,
        String name,
        Program program,
        Networking networking,
        Storage storage,
        Security security,
        CgroupLimits limits,
        Logging logging,
        Optional<Health> health,
        HealthOnFailure onUnhealthy,
        boolean notifyHealthy,
        ImmutableSortedMap<String, String> labels) {

    ContainerSettings with(CgroupLimits others) {
        return new ContainerSettings(
                image, pull, name, program, networking, storage, security, others, logging, health, onUnhealthy,
                notifyHealthy, labels);
    }

    ContainerSettings with(Logging other) {
        return new ContainerSettings(
                image, pull, name, program, networking, storage, security, limits, other, health, onUnhealthy,
                notifyHealthy, labels);
    }

    /// What runs in it.
    ///
    /// @param entrypoint in place of the image's; of no words: none
    /// @param command the image's if empty
    /// @param user `user` or `user:group`
    record Program(
            Optional<ImmutableList<String>> entrypoint,
            ImmutableList<String> command,
            ImmutableMap<String, String> environment,
            ImmutableList<EnvironmentSource> environmentFiles,
            Optional<String> user,
            ImmutableList<String> groups,
            Optional<String> workingFolder,
            boolean init,
            Optional<Signal> stopSignal,
            Optional<Duration> stopTimeout) {}

    /// @param networks those it is in, the first one first; Docker's own if empty
    /// @param hosts `name:address`
    /// @param exposed such as `80/tcp`
    record Networking(
            ImmutableList<Attachment> networks,
            Optional<String> hostName,
            ImmutableList<String> hosts,
            ImmutableList<String> dns,
            ImmutableList<String> dnsOptions,
            ImmutableList<String> dnsSearch,
            ImmutableList<PublishedPort> ports,
            ImmutableList<String> exposed) {}

    /// A network that it is in.
    ///
    /// @param name `host`, `none`, `bridge`, `default`, `container:NAME`, or that of one that was made
    record Attachment(String name, ImmutableList<String> aliases, Optional<String> ip, Optional<String> ip6) {
        /// Whether somebody made it, so that containers in it may have addresses and names of their own.
        boolean isMade() {
            return !name.equals("host") && !name.equals("none") && !name.equals("bridge") && !name.equals("default")
                    && !isContainers();
        }

        boolean isContainers() {
            return name.startsWith("container:");
        }
    }

    /// @param binds as Docker writes them: `source:target:options`
    /// @param anonymous folders of the container that are volumes without a name
    /// @param tmpfs options by folder
    /// @param shm size of `/dev/shm` in bytes
    /// @param timezone `local`, or the name of one
    record Storage(
            ImmutableList<String> binds,
            ImmutableList<String> anonymous,
            ImmutableList<MountSetting> mounts,
            ImmutableMap<String, String> tmpfs,
            Optional<Long> shm,
            ImmutableList<DeviceSetting> devices,
            boolean readOnly,
            Optional<String> timezone) {}

    /// @param mayMiss whether it is left out if the machine has no such device
    record DeviceSetting(String source, String target, String permissions, boolean mayMiss) {}

    /// @param added names of capabilities, without `CAP_`
    /// @param options of Docker's `SecurityOpt`
    /// @param seccomp a file of the machine, or `unconfined`
    /// @param hostUsers whether the daemon's mapping of users does not hold
    record Security(
            ImmutableList<String> added,
            ImmutableList<String> dropped,
            ImmutableList<String> options,
            Optional<String> seccomp,
            boolean hostUsers,
            ImmutableMap<String, String> sysctls,
            ImmutableList<UlimitSetting> ulimits) {}

    /// In the unit of each; -1 is no limit.
    record UlimitSetting(String name, long soft, long hard) {}

    /// @param driver the daemon's own if empty
    record Logging(Optional<String> driver, ImmutableMap<String, String> options) {}

    /// What differs from the image's own check.
    ///
    /// @param test in Docker's form; the image's if empty
    record Health(
            ImmutableList<String> test,
            Optional<Duration> interval,
            Optional<Duration> timeout,
            Optional<Duration> startPeriod,
            Optional<Integer> retries) {
        static final ImmutableList<String> NONE = ImmutableList.of("NONE");
    }

    /// What becomes of a container that is unhealthy.
    enum HealthOnFailure {
        NONE,
        KILL,
        RESTART,
        STOP
    }
}
