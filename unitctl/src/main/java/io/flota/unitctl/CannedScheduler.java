package io.flota.unitctl;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.flota.api.v1.Answer;
import io.flota.api.v1.ApplyReply;
import io.flota.api.v1.Call;
import io.flota.api.v1.CallStatus;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.ExecEnd;
import io.flota.api.v1.ExecReply;
import io.flota.api.v1.GetUnitFileReply;
import io.flota.api.v1.EndpointRecord;
import io.flota.api.v1.EventKind;
import io.flota.api.v1.EventRecord;
import io.flota.api.v1.EventsReply;
import io.flota.api.v1.JournalLine;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.ListEndpointsReply;
import io.flota.api.v1.ListMachinesReply;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.PlacementRecord;
import io.flota.api.v1.StateRecord;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitDetails;
import io.flota.api.v1.UnitOnMachine;
import io.flota.api.v1.UnitUsage;
import io.flota.api.v1.UsageReply;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// Gives the same answers to everybody: three machines, and each unit that is asked for runs on one of them.
final class CannedScheduler implements AutoCloseable {
    private static final int UNITS = 100;
    private static final String HASH = "2450d1a4".repeat(8);

    private final ServerSocket socket;

    CannedScheduler() throws IOException {
        socket = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(this::serve);
    }

    String endpoint() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    private void serve() {
        try {
            while (true) {
                try (Socket client = socket.accept()) {
                    answer(client);
                }
            }
        } catch (IOException failed) {
            if (!socket.isClosed()) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    private static void answer(Socket client) throws IOException {
        var call = Call.parseDelimitedFrom(client.getInputStream());
        var reply = reply(call.getMethod(), call.getRequest()).toByteString();
        var out = client.getOutputStream();
        Answer.newBuilder().setReply(reply).build().writeDelimitedTo(out);
        Answer.newBuilder().setStatus(CallStatus.getDefaultInstance()).build().writeDelimitedTo(out);
        client.getInputStream().transferTo(OutputStream.nullOutputStream()); // a reset would take the answers back
    }

    private static MessageLite reply(String method, ByteString request) throws IOException {
        return switch (method.substring(method.indexOf('/') + 1)) {
            case "ListUnits", "WatchUnits" -> units(ListUnitsRequest.parseFrom(request));
            case "ListMachines" -> machines();
            case "GetUnitFile" -> GetUnitFileReply.newBuilder()
                    .setFile(ByteString.copyFromUtf8("[Service]\nExecStart=/bin/true\n"))
                    .build();
            case "ListEndpoints" -> ListEndpointsReply.newBuilder()
                    .addEndpoints(EndpointRecord.newBuilder()
                            .setService("apache")
                            .setUnit("apache@1.service")
                            .setMachineId(machine(0))
                            .setPort(80))
                    .build();
            case "Journal" -> JournalReply.newBuilder()
                    .setMachineId(machine(0))
                    .addLines(JournalLine.newBuilder().setTimeMicros(1).setText("hello"))
                    .build();
            case "Usage" -> UsageReply.newBuilder()
                    .addUnits(UnitUsage.newBuilder()
                            .setUnit("apache@1.service")
                            .setMachineId(machine(0))
                            .setDetails(UnitDetails.newBuilder().setCpuNanos(1).setMemoryBytes(1).setTasks(1)))
                    .build();
            case "Events" -> EventsReply.newBuilder()
                    .addEvents(EventRecord.newBuilder()
                            .setTimeMillis(1)
                            .setKind(EventKind.EVENT_KIND_STARTED)
                            .setUnit("apache@1.service")
                            .setMachineId(machine(0))
                            .setReason("it is wanted launched"))
                    .build();
            case "Exec" -> ExecReply.newBuilder()
                    .setEnd(ExecEnd.getDefaultInstance())
                    .build();
            case "Apply" -> ApplyReply.newBuilder().setRevision(1).build();
            default -> throw new IOException("no answer is canned for " + method);
        };
    }

    private static ListUnitsReply units(ListUnitsRequest request) {
        var reply = ListUnitsReply.newBuilder();
        reply.getFreshnessBuilder().setRevision(1);
        request.getNamesList().stream()
                .filter(name -> !name.contains("@."))
                .forEach(name -> reply.addUnits(unit(name, 0)));
        if (request.getNamesCount() == 0) {
            for (int i = 0; i < UNITS; i++) {
                reply.addUnits(unit("apache@" + i + ".service", i));
            }
        }
        return reply.build();
    }

    private static Unit unit(String name, int number) {
        var desired = name.startsWith("loaded")
                ? DesiredState.DESIRED_STATE_LOADED
                : DesiredState.DESIRED_STATE_LAUNCHED;
        boolean runs = desired == DesiredState.DESIRED_STATE_LAUNCHED;
        return Unit.newBuilder()
                .setName(name)
                .setFileHash(HASH)
                .setDesired(desired)
                .setGeneration(1)
                .setDescription("A web server")
                .addMachines(UnitOnMachine.newBuilder()
                        .setMachineId(machine(number % 3))
                        .setPublicIp("127.0.1.1")
                        .setPlacement(PlacementRecord.newBuilder()
                                .setFileHash(HASH)
                                .setTarget(desired)
                                .setGeneration(1)
                                .setId("p"))
                        .setState(StateRecord.newBuilder()
                                .setLoad("loaded")
                                .setActive(runs ? "active" : "inactive")
                                .setSub(runs ? "running" : "dead")
                                .setFileHash(HASH)
                                .setPlacementId("p")
                                .setGeneration(1)
                                .setSinceMillis(1)
                                .setMainPid(1 + number)))
                .build();
    }

    private static ListMachinesReply machines() {
        var reply = ListMachinesReply.newBuilder();
        for (int i = 0; i < 3; i++) {
            reply.addMachines(MachineRecord.newBuilder()
                    .setId(machine(i))
                    .setPublicIp("127.0.1." + i)
                    .putMetadata("rack", "r" + i));
        }
        return reply.build();
    }

    private static String machine(int number) {
        return Integer.toString(number + 1).repeat(32);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
