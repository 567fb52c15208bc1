package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.AgentConfig.OnStop;
import io.flota.daemon.EtcdOptions;
import io.flota.daemon.FleetPlaces;
import io.flota.daemon.ListenAddress;
import io.flota.daemon.ListenOptions;
import io.flota.daemon.SettingsException;
import io.flota.daemon.UnixSocketFile;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Keys;
import io.flota.unit.ByteSize;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The agent's options as the operator gives them, on the command line, in the environment or in the settings file.
final class AgentOptions {
    private static final Path MACHINE_ID_FILE = Path.of("/etc/machine-id");
    /// etcd grants no shorter life than this with its default election timeout.
    private static final Duration SHORTEST_TTL = Duration.ofSeconds(2);

    @Mixin
    EtcdOptions etcd = new EtcdOptions();

    @Mixin
    ListenOptions protection = new ListenOptions();

    @Mixin
    FleetPlaces fleet = new FleetPlaces();

    @Option(names = "--machine-id", paramLabel = "ID", description = "32 hexadecimal digits (default: /etc/machine-id)")
    Optional<String> machineId = Optional.empty();

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "how long after the agent's last sign of life its units are started elsewhere; 2s or more"
                    + " (default: ${DEFAULT-VALUE})")
    Duration ttl = Duration.ofSeconds(5);

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:4472",
            description = "where schedulers ask for journals and enter units, by gRPC (default: ${DEFAULT-VALUE})")
    ListenAddress listen = new ListenAddress("127.0.0.1", 4472);

    @Option(
            names = "--exec",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "whether operators may run commands inside units and copy files to and from them, which is as"
                    + " good as root on this machine (default: ${DEFAULT-VALUE})")
    boolean exec = true;

    @Option(
            names = "--listen-metrics",
            paramLabel = "HOST:PORT",
            description = "where Prometheus finds metrics, at /metrics over HTTP (default: nowhere)")
    Optional<ListenAddress> listenMetrics = Optional.empty();

    @Option(
            names = "--advertise",
            paramLabel = "HOST:PORT",
            description = "how schedulers reach that (default: what --listen says)")
    Optional<ListenAddress> advertise = Optional.empty();

    @Option(names = "--hostname", paramLabel = "NAME", description = "default: the kernel's")
    Optional<String> hostname = Optional.empty();

    @Option(
            names = "--public-ip",
            paramLabel = "ADDRESS",
            description = "default: the address that the default route leaves by")
    Optional<String> publicIp = Optional.empty();

    @Option(
            names = "--private-ip",
            paramLabel = "ADDRESS",
            description = "default: the address that the default route leaves by")
    Optional<String> privateIp = Optional.empty();

    @Option(
            names = "--metadata",
            paramLabel = "KEY=VALUE",
            split = ",",
            description = "what MachineMetadata= of units is compared with, such as region=eu,disk=ssd")
    Map<String, String> metadata = new TreeMap<>();

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "what units may reserve with Memory=, such as 7G (default: what the machine has)")
    Optional<String> memory = Optional.empty();

    @Option(
            names = "--cpus",
            paramLabel = "N",
            description = "cores that units may reserve with CPU= (default: what the machine has)")
    Optional<Integer> cpus = Optional.empty();

    @Option(
            names = "--state-dir",
            paramLabel = "DIRECTORY",
            defaultValue = "/run/flota",
            description = "where the units' runtime keeps what has to outlive the agent (default: ${DEFAULT-VALUE})")
    Path stateDir = Path.of("/run/flota");

    @Option(
            names = "--socket",
            paramLabel = "FILE",
            description = "the unix socket at which programs of this machine announce endpoints and ask for them, by HTTP"
                    + " (default: agent.sock in --state-dir)")
    Optional<Path> socket = Optional.empty();

    @Option(
            names = "--runtime",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "what runs the units: systemd, exec, which is a supervisor of the agent's own, or auto: systemd"
                    + " where that is the init, else exec (default: ${DEFAULT-VALUE})")
    String runtime = "auto";

    @Option(
            names = "--systemd-bus",
            paramLabel = "system|user",
            defaultValue = "system",
            description = "whose systemd runs the units: the machine's, or that of the user who runs the agent"
                    + " (default: ${DEFAULT-VALUE})")
    String systemdBus = "system";

    @Option(
            names = "--docker",
            paramLabel = "ADDRESS",
            defaultValue = "unix:///var/run/docker.sock",
            description = "where Docker is, for units with a [Container] section (default: ${DEFAULT-VALUE})")
    URI docker = URI.create("unix:///var/run/docker.sock");

    @Option(
            names = "--on-stop",
            paramLabel = "handover|keep",
            defaultValue = "handover",
            description = "what SIGTERM does with the units: stop them here, to be started elsewhere at once, or leave"
                    + " them running for the agent's next start; purge, as fleet called the first, is the same as handover"
                    + " (default: ${DEFAULT-VALUE}, and of flotad keep)")
    String onStop = "handover";

    @Option(
            names = "--stop-timeout",
            paramLabel = "TIME",
            defaultValue = "2min",
            description = "how long a handover waits for units to stop; then the agent ends all the same, and units"
                    + " that have not stopped run on (default: ${DEFAULT-VALUE})")
    Duration stopTimeout = Duration.ofMinutes(2);

    @Option(
            names = "--environment-file",
            paramLabel = "FILE",
            description = "stands in for /etc/environment in the units of this machine")
    Optional<Path> environmentFile = Optional.empty();

    /// @throws SettingsException with every problem
    AgentConfig check() throws SettingsException {
        var problems = new ArrayList<>(etcd.problems());
        checkListeners(problems);
        problems.addAll(fleet.problems());
        checkSimpleOptions(problems);
        var id = machineId(problems);
        var resources = resources(problems);
        var names = names(problems);
        String routed = Identity.routedAddress();
        checkReachable(routed, problems);
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return new AgentConfig(
                new Keys(etcd.keyPrefix),
                id.orElseThrow(),
                names.bootId(),
                names.hostname(),
                publicIp.orElse(routed),
                privateIp.orElse(routed),
                ImmutableSortedMap.copyOf(metadata),
                resources,
                ttl,
                listen,
                exec,
                listenMetrics,
                protection.tls(),
                advertise,
                stateDir.toAbsolutePath(),
                Optional.of(socketPath()).filter(UnixSocketFile::fits),
                fleet.places(protection),
                RuntimeKind.of(runtime, systemdBus),
                docker,
                environmentFile.map(Path::toAbsolutePath),
                onStop.equals("keep") ? OnStop.KEEP : OnStop.HANDOVER,
                stopTimeout);
    }

    /// A machine that has no address yet, as early at boot, would be registered without one for as long as the agent runs.
    private void checkReachable(String routed, List<String> problems) {
        boolean everywhere = listen.host().equals("0.0.0.0") || listen.host().equals("::");
        if (everywhere && advertise.isEmpty() && privateIp.orElse(routed).isEmpty()) {
            problems.add("--listen " + listen + ": this machine has no route to anywhere, so nobody could be told where to"
                    + " find it: give --private-ip or --advertise, or start the agent once the network is up");
        }
    }

    private record Names(String hostname, String bootId) {}

    private Names names(List<String> problems) {
        try {
            return new Names(hostname.isPresent() ? hostname.get() : Identity.hostname(), Identity.bootId());
        } catch (IOException e) {
            problems.add("cannot read this machine's names: " + e.getMessage());
            return new Names("", "");
        }
    }

    private void checkListeners(List<String> problems) {
        try {
            var listeners = new TreeMap<>(Map.of("--listen", listen));
            listenMetrics.ifPresent(address -> listeners.put("--listen-metrics", address));
            listeners.putAll(fleet.asked());
            protection.check(listeners);
        } catch (SettingsException e) {
            problems.addAll(e.problems());
        }
    }

    private void checkSimpleOptions(List<String> problems) {
        if (ttl.compareTo(SHORTEST_TTL) < 0) {
            problems.add("--ttl " + ttl.toMillis() + "ms is too short: etcd grants 2s or more");
        }
        if (stopTimeout.isZero()) {
            problems.add("--stop-timeout 0 leaves units no time to stop; --on-stop keep leaves them running");
        }
        if (!List.of("auto", "systemd", "exec").contains(runtime)) {
            problems.add("--runtime " + runtime + " is not known; known are auto, systemd and exec");
        }
        if (!systemdBus.equals("system") && !systemdBus.equals("user")) {
            problems.add("--systemd-bus " + systemdBus + " is neither system nor user");
        }
        if (!List.of("unix", "tcp").contains(String.valueOf(docker.getScheme()))) {
            problems.add("--docker " + docker + " is no address of Docker: write it as unix:///var/run/docker.sock or"
                    + " tcp://HOST:PORT");
        }
        if (!List.of("handover", "purge", "keep").contains(onStop)) {
            problems.add("--on-stop " + onStop + " is neither handover nor keep");
        }
        checkAddress("--public-ip", publicIp, problems);
        checkAddress("--private-ip", privateIp, problems);
        metadata.keySet().stream()
                .filter(String::isBlank)
                .forEach(_ -> problems.add("--metadata has an empty key; write it as KEY=VALUE,KEY=VALUE"));
        socket.map(Path::toAbsolutePath).filter(path -> !UnixSocketFile.fits(path)).ifPresent(path ->
                problems.add("--socket " + path + " is longer than the " + UnixSocketFile.LONGEST_PATH
                        + " characters that a socket's path may have"));
        if (stateDir.toAbsolutePath().toString().chars().anyMatch(Character::isWhitespace)) {
            problems.add("--state-dir " + stateDir + " has a blank in its path, which units would not survive");
        }
        hostname.filter(String::isBlank).ifPresent(_ -> problems.add("--hostname is empty"));
        environmentFile
                .filter(file -> !Files.isReadable(file))
                .ifPresent(file -> problems.add("--environment-file " + file + " cannot be read"));
    }

    private Path socketPath() {
        return socket.orElse(stateDir.resolve("agent.sock")).toAbsolutePath();
    }

    private static void checkAddress(String option, Optional<String> address, List<String> problems) {
        address.filter(text -> !text.isEmpty() && !Identity.isAddress(text))
                .ifPresent(text -> problems.add(option + " " + text + " is not an IP address"));
    }

    private Optional<MachineId> machineId(List<String> problems) {
        try {
            return Optional.of(machineId.isPresent()
                    ? new MachineId(machineId.get())
                    : Identity.machineId(MACHINE_ID_FILE));
        } catch (IllegalArgumentException e) {
            problems.add("--machine-id: " + e.getMessage());
        } catch (IOException e) {
            problems.add(e.getMessage());
        }
        return Optional.empty();
    }

    private Resources resources(List<String> problems) {
        var found = Identity.resources();
        long bytes = found.memoryBytes();
        if (memory.isPresent()) {
            bytes = bytes(memory.get(), problems);
        }
        int count = cpus.orElse(found.cpus());
        if (count < 1) {
            problems.add("--cpus " + count + " is less than 1");
        }
        return new Resources(bytes, count);
    }

    private static long bytes(String size, List<String> problems) {
        try {
            return ByteSize.parse(size);
        } catch (IllegalArgumentException e) {
            problems.add("--memory: " + e.getMessage());
            return 0;
        }
    }
}
