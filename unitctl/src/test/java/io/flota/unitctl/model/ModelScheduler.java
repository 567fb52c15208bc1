package io.flota.unitctl.model;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.flota.api.v1.AboutReply;
import io.flota.api.v1.Answer;
import io.flota.api.v1.ApplyReply;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.Call;
import io.flota.api.v1.CallStatus;
import io.flota.api.v1.DestroyReply;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.Freshness;
import io.flota.api.v1.EventsRequest;
import io.flota.api.v1.GetUnitFileReply;
import io.flota.api.v1.GetUnitFileRequest;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.LeaderRecord;
import io.flota.api.v1.ReleaseValveReply;
import io.flota.api.v1.ValveRecord;
import io.flota.api.v1.ListEndpointsRequest;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.api.v1.UsageRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Serves a [ModelCluster] over the carrier, on a free port of this computer.
public final class ModelScheduler implements AutoCloseable {
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        private final int code;

        Refused(int code, String description) {
            super(description);
            this.code = code;
        }
    }

    private final ModelCluster cluster = new ModelCluster();
    private volatile Optional<ValveRecord> valve = Optional.empty();
    private volatile Optional<String> eventless = Optional.empty();
    private final Map<String, String> refusing = new ConcurrentSkipListMap<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final ServerSocket server;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    public ModelScheduler() throws IOException {
        server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        cluster.add(machine("85c0c595", "172.17.8.101", Map.of("az", "b", "region", "us")));
        cluster.add(machine("9d1f2b3c", "172.17.8.102", Map.of("az", "a")));
        cluster.add(machine("e0ab7766", "172.17.8.103", Map.of()));
        Thread.ofVirtual().start(this::accept);
    }

    private static ModelMachine machine(String prefix, String ip, Map<String, String> metadata) {
        return new ModelMachine(prefix + "0123456789abcdef01234567", ip, new TreeMap<>(metadata));
    }

    public String endpoint() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /// How often it has been called.
    public int calls() {
        return calls.get();
    }

    /// What broke in here, if anything did.
    public Throwable failure() {
        return failure.get();
    }

    /// Turns the world: `fails UNIT WHY`, `waits UNIT WHY`, `ends UNIT`, `stuck UNIT`, `unhealthy UNIT WHY`,
    /// `says UNIT TEXT`,
    /// `loses MACHINE`, `stale MILLIS WHY`, `happens KIND UNIT MACHINE WHY` (`-` for none), `eventless - WHY`,
    /// `valve MILLIS WHY`, `machine PREFIX ADDRESS`, `refuses METHOD WHY`, `announces SERVICE UNIT MACHINE PORT [KEY=VALUE]`, `reaches REVISION`.
    public void tell(String directive) {
        String[] words = directive.split(" ", 3);
        String rest = words.length > 2 ? words[2] : "";
        switch (words[0]) {
            case "fails" -> cluster.foretell(words[1], new ModelCluster.Fate(ModelUnit.Nature.FAILING, rest));
            case "waits" -> cluster.foretell(words[1], new ModelCluster.Fate(ModelUnit.Nature.HOMELESS, rest));
            case "ends" -> cluster.foretell(words[1], new ModelCluster.Fate(ModelUnit.Nature.ONESHOT, rest));
            case "stuck" -> cluster.foretell(words[1], new ModelCluster.Fate(ModelUnit.Nature.STUCK, rest));
            case "unhealthy" -> cluster.foretell(words[1], new ModelCluster.Fate(ModelUnit.Nature.UNHEALTHY, rest));
            case "says" -> cluster.say(words[1], rest);
            case "happens" -> cluster.happen(words[1], rest);
            case "eventless" -> eventless = Optional.of(rest);
            case "announces" -> cluster.announce(words[1], rest);
            case "reaches" -> cluster.reach(Long.parseLong(words[1]));
            case "mutes" -> cluster.mute(words[1], rest);
            case "refuses" -> refusing.put(words[1], rest);
            case "machine" -> cluster.add(machine(words[1], rest, Map.of()));
            case "loses" -> cluster.lose(words[1]);
            case "stale" -> cluster.staleness = Freshness.newBuilder()
                    .setStaleSinceMillis(Long.parseLong(words[1]))
                    .setStaleReason(rest)
                    .build();
            case "valve" -> {
                cluster.staleness = Freshness.newBuilder().setHeldReason(rest).build();
                valve = Optional.of(ValveRecord.newBuilder()
                        .setClosedSinceMillis(Long.parseLong(words[1]))
                        .addLostMachineIds("85c0c5950123456789abcdef01234567")
                        .addLostMachineIds("9d1f2b3c0123456789abcdef01234567")
                        .setMachines(3)
                        .build());
            }
            default -> throw new IllegalArgumentException("the model knows no \"" + directive + "\"");
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException _) {
                // closed: the loop ends
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            var call = Call.parseDelimitedFrom(client.getInputStream());
            calls.incrementAndGet();
            try {
                answer(client, call.getMethod(), call.getRequest());
                end(client, 0, "");
            } catch (Refused refused) {
                end(client, refused.code, refused.getMessage());
            }
        } catch (IOException _) {
            // the client has gone, as it may
        } catch (RuntimeException broken) {
            failure.set(broken);
        }
    }

    private void answer(Socket client, String method, ByteString request) throws IOException, Refused {
        String name = method.substring("flota.v1.Cluster/".length());
        if (refusing.containsKey(name)) {
            throw new Refused(9, refusing.get(name));
        }
        switch (name) {
            case "ListUnits" -> {
                cluster.settle();
                send(client, cluster.list(ListUnitsRequest.parseFrom(request)));
            }
            case "WatchUnits" -> watch(client, ListUnitsRequest.parseFrom(request));
            case "ListEndpoints", "WatchEndpoints" -> send(client, cluster.listEndpoints(ListEndpointsRequest.parseFrom(request)));
            case "ListMachines" -> send(client, cluster.listMachines());
            case "SetPolicy" -> send(client, cluster.setPolicy(SetPolicyRequest.parseFrom(request)));
            case "GetUnitFile" -> {
                var unit = cluster.unit(GetUnitFileRequest.parseFrom(request).getName());
                send(client, GetUnitFileReply.newBuilder().setFile(unit.file).setFileHash(unit.hash()).build());
            }
            case "Apply" -> {
                long revision = cluster.apply(ApplyRequest.parseFrom(request));
                send(client, ApplyReply.newBuilder().setRevision(revision).build());
            }
            case "Destroy" -> {
                long revision = cluster.destroy(DestroyRequest.parseFrom(request));
                send(client, DestroyReply.newBuilder().setRevision(revision).build());
            }
            case "Journal" -> {
                for (var reply : cluster.journal(JournalRequest.parseFrom(request))) {
                    send(client, reply);
                }
                cluster.refuseJournals();
            }
            case "Usage" -> {
                var usage = UsageRequest.parseFrom(request);
                for (int looks = 1; looks <= 3; looks++) {
                    send(client, cluster.usage(usage, looks));
                }
            }
            case "Events" -> {
                if (eventless.isPresent()) {
                    throw new Refused(14, eventless.get());
                }
                send(client, cluster.events(EventsRequest.parseFrom(request)));
            }
            case "About" -> {
                var about = AboutReply.newBuilder()
                        .setVersion("0.1.0")
                        .setSchedulerId("s1")
                        .setLeader(LeaderRecord.newBuilder().setSchedulerId("s2"))
                        .setFreshness(cluster.staleness);
                valve.ifPresent(about::setValve);
                send(client, about.build());
            }
            case "ReleaseValve" -> {
                var closed = valve.orElseThrow(() -> new Refused(9, "the valve is open: there is nothing to release"));
                valve = Optional.of(closed.toBuilder().setReleased(true).build());
                cluster.staleness = Freshness.getDefaultInstance();
                send(client, ReleaseValveReply.newBuilder().setRevision(1).build());
            }
            default -> throw new Refused(12, "no such method: " + method);
        }
    }

    /// All that happens, then silence until the client goes.
    private void watch(Socket client, ListUnitsRequest request) throws IOException {
        do {
            send(client, cluster.list(request));
        } while (cluster.step());
        List.of(client.getInputStream().readAllBytes());
    }

    private static void send(Socket client, MessageLite reply) throws IOException {
        Answer.newBuilder().setReply(reply.toByteString()).build().writeDelimitedTo(client.getOutputStream());
    }

    private static void end(Socket client, int code, String description) throws IOException {
        Answer.newBuilder()
                .setStatus(CallStatus.newBuilder().setCode(code).setDescription(description))
                .build()
                .writeDelimitedTo(client.getOutputStream());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
