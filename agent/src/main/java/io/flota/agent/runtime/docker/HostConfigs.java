package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.BindOptions;
import com.github.dockerjava.api.model.BindPropagation;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.InternetProtocol;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.TmpfsOptions;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.api.model.VolumeOptions;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.docker.ContainerSettings.DeviceSetting;
import io.flota.agent.runtime.docker.ContainerSettings.Logging;
import io.flota.agent.runtime.docker.ContainerSettings.Networking;
import io.flota.agent.runtime.docker.ContainerSettings.Security;
import io.flota.agent.runtime.docker.ContainerSettings.Storage;
import io.flota.agent.runtime.setting.CgroupLimits;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What Docker calls the host's part of a container. Pure.
final class HostConfigs {
    static final long CPU_PERIOD_MICROS = 100_000;
    /// Swap does not count, as with `MemoryMax=`; and memory and swap have to be changed together.
    static final long UNLIMITED_SWAP = -1;

    private static final ImmutableMap<String, BindPropagation> PROPAGATIONS = ImmutableMap.of(
            "private", BindPropagation.PRIVATE,
            "rprivate", BindPropagation.R_PRIVATE,
            "shared", BindPropagation.SHARED,
            "rshared", BindPropagation.R_SHARED,
            "slave", BindPropagation.SLAVE,
            "rslave", BindPropagation.R_SLAVE);

    private HostConfigs() {}

    static HostConfig of(ContainerSettings settings, MachineFiles files) {
        var config = HostConfig.newHostConfig();
        network(config, settings.networking());
        storage(config, settings.storage(), files);
        security(config, settings.security(), files);
        limits(config, settings.limits());
        logging(config, settings.logging());
        if (settings.program().init()) {
            config.withInit(true);
        }
        config.withGroupAdd(settings.program().groups());
        return config;
    }

    private static void network(HostConfig config, Networking networking) {
        networking.networks().stream().findFirst().ifPresent(first -> config.withNetworkMode(first.name()));
        config.withExtraHosts(networking.hosts().toArray(String[]::new))
                .withDns(networking.dns())
                .withDnsOptions(networking.dnsOptions())
                .withDnsSearch(networking.dnsSearch())
                .withPortBindings(networking.ports().stream().map(HostConfigs::binding).toList());
    }

    private static PortBinding binding(PublishedPort port) {
        return new PortBinding(
                new Ports.Binding(port.ip().orElse(""), port.host().orElse("")),
                new ExposedPort(port.container(), InternetProtocol.parse(port.protocol())));
    }

    private static void storage(HostConfig config, Storage storage, MachineFiles files) {
        config.withBinds(storage.binds().stream().map(Bind::parse).toList())
                .withMounts(mounts(storage))
                .withTmpFs(storage.tmpfs())
                .withReadonlyRootfs(storage.readOnly())
                .withDevices(devices(storage.devices(), files));
        storage.shm().ifPresent(config::withShmSize);
    }

    private static List<Mount> mounts(Storage storage) {
        return Stream.concat(
                        storage.mounts().stream().map(HostConfigs::mount),
                        storage.timezone().map(HostConfigs::zone).stream())
                .toList();
    }

    private static Mount mount(MountSetting setting) {
        var mount = new Mount().withTarget(setting.target());
        if (setting.readOnly()) {
            mount.withReadOnly(true);
        }
        setting.source().ifPresent(mount::withSource);
        switch (setting.type()) {
            case BIND -> {
                mount.withType(MountType.BIND);
                setting.propagation().ifPresent(propagation ->
                        mount.withBindOptions(new BindOptions().withPropagation(PROPAGATIONS.get(propagation))));
            }
            case VOLUME -> mount.withType(MountType.VOLUME)
                    .withVolumeOptions(new VolumeOptions().withNoCopy(!setting.copied()));
            case TMPFS -> {
                var options = new TmpfsOptions();
                setting.size().ifPresent(options::withSizeBytes);
                setting.mode().ifPresent(options::withMode);
                mount.withType(MountType.TMPFS).withTmpfsOptions(options);
            }
        }
        return mount;
    }

    private static Mount zone(String zone) {
        return new Mount()
                .withType(MountType.BIND)
                .withSource(zone.equals("local") ? "/etc/localtime" : "/usr/share/zoneinfo/" + zone)
                .withTarget("/etc/localtime")
                .withReadOnly(true);
    }

    private static List<Device> devices(ImmutableList<DeviceSetting> devices, MachineFiles files) {
        return devices.stream()
                .filter(device -> !files.missingDevices().contains(device.source()))
                .map(device -> new Device(device.permissions(), device.target(), device.source()))
                .toList();
    }

    private static void security(HostConfig config, Security security, MachineFiles files) {
        var options = ImmutableList.<String>builder().addAll(security.options());
        files.seccomp().ifPresent(profile -> options.add("seccomp=" + profile));
        config.withCapAdd(capabilities(security.added()))
                .withCapDrop(capabilities(security.dropped()))
                .withSecurityOpts(options.build())
                .withSysctls(security.sysctls())
                .withUlimits(security.ulimits().stream()
                        .map(limit -> new Ulimit(limit.name(), limit.soft(), limit.hard()))
                        .toList());
        if (security.hostUsers()) {
            config.withUsernsMode("host");
        }
    }

    private static Capability[] capabilities(ImmutableList<String> names) {
        return names.stream().map(Capability::valueOf).toArray(Capability[]::new);
    }

    private static void limits(HostConfig config, CgroupLimits limits) {
        limits.memory().ifPresent(bytes -> config.withMemory(bytes).withMemorySwap(UNLIMITED_SWAP));
        // Period and quota from the start: Docker lets neither be changed where it was given a number of CPUs.
        limits.cpu().ifPresent(cpus -> config.withCpuPeriod(CPU_PERIOD_MICROS).withCpuQuota(quota(cpus)));
        limits.tasks().ifPresent(config::withPidsLimit);
    }

    static long quota(double cpus) {
        return Math.max(1_000, Math.round(cpus * CPU_PERIOD_MICROS)); // the kernel's least
    }

    private static void logging(HostConfig config, Logging logging) {
        if (logging.driver().isPresent() || !logging.options().isEmpty()) {
            Optional<LogConfig.LoggingType> type = logging.driver().map(LogConfig.LoggingType::fromValue);
            // Without a type Docker takes the daemon's own.
            config.withLogConfig(new LogConfig(type.orElse(null), logging.options()));
        }
    }
}
