package io.flota.scheduler;

import io.flota.daemon.EtcdOptions;
import io.flota.daemon.ListenAddress;
import io.flota.daemon.ListenOptions;
import io.flota.daemon.SettingsException;
import io.flota.registry.Keys;
import io.flota.scheduler.leading.Caution;
import io.flota.scheduler.valve.Share;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The scheduler's options as the operator gives them, on the command line, in the environment or in the settings file.
final class SchedulerOptions {
    /// etcd grants no shorter life than this with its default election timeout.
    private static final Duration SHORTEST_TTL = Duration.ofSeconds(2);
    /// See `EXCLUSIVE.md`.
    private static final Duration SHORTEST_EXCLUSIVE_WAIT = Duration.ofSeconds(2);

    @Mixin
    EtcdOptions etcd = new EtcdOptions();

    @Mixin
    ListenOptions protection = new ListenOptions();

    @Mixin
    FleetOptions fleet = new FleetOptions();

    @Option(
            names = "--id",
            paramLabel = "NAME",
            description = "tells this scheduler from the others (default: host name and port)")
    Optional<String> id = Optional.empty();

    @Option(
            names = "--lead",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "whether it leads when no other scheduler does; without, it only answers operators, and some other"
                    + " one has to lead (default: ${DEFAULT-VALUE})")
    boolean lead = true;

    @Option(
            names = "--leader-ttl",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "how long after the leader's last sign of life another scheduler leads; 2s or more"
                    + " (default: ${DEFAULT-VALUE})")
    Duration leaderTtl = Duration.ofSeconds(5);

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:4470",
            description = "where unitctl is served (default: ${DEFAULT-VALUE})")
    ListenAddress listen = new ListenAddress("127.0.0.1", 4470);

    @Option(
            names = "--listen-grpc",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:4471",
            description = "where the same is served by gRPC (default: ${DEFAULT-VALUE})")
    ListenAddress listenGrpc = new ListenAddress("127.0.0.1", 4471);

    @Option(
            names = "--listen-metrics",
            paramLabel = "HOST:PORT",
            description = "where Prometheus finds metrics, at /metrics over HTTP (default: nowhere)")
    Optional<ListenAddress> listenMetrics = Optional.empty();

    @Option(
            names = "--advertise",
            paramLabel = "HOST:PORT",
            description = "how clients reach what --listen says, if not so")
    Optional<ListenAddress> advertise = Optional.empty();

    @Option(
            names = "--exclusive-wait",
            paramLabel = "TIME",
            defaultValue = "7s",
            description = "how long after a machine was seen to be lost its exclusive units may be started elsewhere: the"
                    + " agents' --ttl and 2s more, or with etcd 3.5.13 and later 2s (default: ${DEFAULT-VALUE})")
    Duration exclusiveWait = Caution.DEFAULT.exclusiveWait();

    @Option(
            names = "--valve",
            paramLabel = "PART",
            defaultValue = "50%",
            converter = ShareConverter.class,
            description = "when more than this part of the machines, and at least two, vanish at once, none of their"
                    + " units is moved until enough are back or an operator says so; 1% to 99%, or off (default:"
                    + " ${DEFAULT-VALUE})")
    Share valve = Share.HALF;

    static final class ShareConverter implements ITypeConverter<Share> {
        @Override
        public Share convert(String text) {
            return Share.parse(text);
        }
    }

    /// @throws SettingsException with every problem
    SchedulerConfig check() throws SettingsException {
        var problems = new ArrayList<>(etcd.problems());
        try {
            var listeners = new TreeMap<>(Map.of("--listen", listen, "--listen-grpc", listenGrpc));
            listenMetrics.ifPresent(address -> listeners.put("--listen-metrics", address));
            listeners.putAll(fleet.asked());
            protection.check(listeners);
        } catch (SettingsException e) {
            problems.addAll(e.problems());
        }
        problems.addAll(fleet.problems());
        if (leaderTtl.compareTo(SHORTEST_TTL) < 0) {
            problems.add("--leader-ttl " + leaderTtl.toMillis() + "ms is too short: etcd grants 2s or more");
        }
        if (exclusiveWait.compareTo(SHORTEST_EXCLUSIVE_WAIT) < 0) {
            problems.add("--exclusive-wait " + exclusiveWait.toMillis()
                    + "ms is too short: 2s cover the killing of a unit and an election of etcd's");
        }
        id.filter(String::isBlank).ifPresent(_ -> problems.add("--id is empty"));
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return new SchedulerConfig(
                new Keys(etcd.keyPrefix),
                id.orElseGet(() -> hostname() + ":" + listen.port()),
                lead,
                leaderTtl,
                listen,
                listenGrpc,
                listenMetrics,
                advertise,
                protection.tls(),
                fleet.config(listen, protection),
                new Caution(Caution.DEFAULT.settle(), exclusiveWait, valve));
    }

    private static String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "scheduler"; // a host without a name that resolves; the port tells schedulers apart
        }
    }
}
