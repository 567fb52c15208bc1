package io.flota.unitctl.local;

import com.google.protobuf.Message;
import io.flota.api.v1.AboutReply;
import io.flota.api.v1.AboutRequest;
import io.flota.api.v1.Answer;
import io.flota.api.v1.Call;
import io.flota.api.v1.ListMachinesReply;
import io.flota.api.v1.ListMachinesRequest;
import io.flota.api.v1.MachineRecord;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Set;
import java.util.TreeSet;

/// Asks one scheduler, and no other, over the lean carrier: is it there, who leads, which machines does it see?
record Probe(InetSocketAddress scheduler) {
    private static final int CONNECT_MILLIS = 500;
    private static final int ANSWER_MILLIS = 2_000;

    Set<String> machineIds() throws IOException {
        var reply = ListMachinesReply.parseFrom(ask("ListMachines", ListMachinesRequest.getDefaultInstance()));
        var ids = new TreeSet<String>();
        reply.getMachinesList().stream().map(MachineRecord::getId).forEach(ids::add);
        return ids;
    }

    /// The id of the scheduler that leads; empty if none does.
    String leader() throws IOException {
        return AboutReply.parseFrom(ask("About", AboutRequest.getDefaultInstance())).getLeader().getSchedulerId();
    }

    private byte[] ask(String method, Message request) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(scheduler, CONNECT_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            Call.newBuilder()
                    .setMethod("flota.v1.Cluster/" + method)
                    .setRequest(request.toByteString())
                    .build()
                    .writeDelimitedTo(socket.getOutputStream());
            var answer = Answer.parseDelimitedFrom(socket.getInputStream());
            if (answer == null || !answer.hasReply()) {
                throw new IOException("no answer to " + method + " from " + scheduler);
            }
            return answer.getReply().toByteArray();
        }
    }
}
