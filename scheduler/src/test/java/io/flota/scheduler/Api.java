package io.flota.scheduler;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.flota.api.v1.ApplyReply;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitIntent;
import io.flota.scheduler.api.CarrierClient;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A client of a scheduler, by one of its two carriers.
sealed interface Api extends AutoCloseable {
    <Q, R> R ask(MethodDescriptor<Q, R> method, Q request);

    /// The replies as they come, until closed.
    <Q, R> Replies<R> open(MethodDescriptor<Q, R> method, Q request);

    @Override
    void close();

    record Replies<R>(BlockingQueue<R> queue, BlockingQueue<Status> end, Runnable cancel) implements AutoCloseable {
        @Override
        public void close() {
            cancel.run();
        }
    }

    default ApplyReply apply(UnitIntent... intents) {
        return ask(
                ClusterGrpc.getApplyMethod(),
                ApplyRequest.newBuilder().addAllUnits(List.of(intents)).build());
    }

    default void destroy(String... names) {
        ask(
                ClusterGrpc.getDestroyMethod(),
                DestroyRequest.newBuilder().addAllNames(List.of(names)).build());
    }

    default ListUnitsReply list() {
        return ask(ClusterGrpc.getListUnitsMethod(), ListUnitsRequest.getDefaultInstance());
    }

    default Unit unit(String name) {
        return list().getUnitsList().stream()
                .filter(unit -> unit.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not registered"));
    }

    record Grpc(ManagedChannel channel) implements Api {
        Grpc(int port) {
            this(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build());
        }

        @Override
        public <Q, R> R ask(MethodDescriptor<Q, R> method, Q request) {
            return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request);
        }

        @Override
        public <Q, R> Replies<R> open(MethodDescriptor<Q, R> method, Q request) {
            var call = channel.newCall(method, CallOptions.DEFAULT);
            var replies = new Replies<R>(
                    new LinkedBlockingQueue<>(), new LinkedBlockingQueue<>(), () -> call.cancel("enough", null));
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onMessage(R reply) {
                            replies.queue().add(reply);
                            call.request(1);
                        }

                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            replies.end().add(status);
                        }
                    },
                    new Metadata());
            call.request(1);
            call.sendMessage(request);
            call.halfClose();
            return replies;
        }

        @Override
        public void close() {
            channel.shutdownNow();
        }
    }

    record Lean(CarrierClient client) implements Api {
        @Override
        public <Q, R> R ask(MethodDescriptor<Q, R> method, Q request) {
            var replied = new Object() {
                Optional<R> last = Optional.empty();
            };
            client.stream(
                    method.getFullMethodName(),
                    bytes(method, request),
                    bytes -> replied.last = Optional.of(method.parseResponse(bytes.newInput())));
            return replied.last.orElseThrow();
        }

        @Override
        public <Q, R> Replies<R> open(MethodDescriptor<Q, R> method, Q request) {
            try {
                var socket = client.send(method.getFullMethodName(), bytes(method, request));
                var replies =
                        new Replies<R>(new LinkedBlockingQueue<>(), new LinkedBlockingQueue<>(), () -> close(socket));
                Thread.ofVirtual().start(() -> replies.end().add(read(socket, method, replies)));
                return replies;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static <Q, R> Status read(Socket socket, MethodDescriptor<Q, R> method, Replies<R> replies) {
            try {
                return CarrierClient.answers(
                        socket, bytes -> replies.queue().add(method.parseResponse(bytes.newInput())));
            } catch (IOException e) {
                return Status.CANCELLED.withDescription(e.toString());
            }
        }

        private static <Q, R> ByteString bytes(MethodDescriptor<Q, R> method, Q request) {
            if (request instanceof MessageLite message) {
                return message.toByteString();
            }
            try (InputStream stream = method.streamRequest(request)) {
                return ByteString.readFrom(stream);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void close(Socket socket) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {}
    }
}
