package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.connections.AbstractConnection;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DirectConnection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.interfaces.CallbackHandler;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.interfaces.Peer;

/// Asks over a connection to systemd, and waits for the answers: for a while, and not beyond the connection's end.
final class Conversation {
    /// Long enough for a busy host; a reload of thousands of units takes seconds.
    private static final Duration PATIENCE = Duration.ofSeconds(25);
    /// The errors of a systemd that is not there, or not any more.
    private static final ImmutableSet<String> LOST = ImmutableSet.of(
            "NotConnected", "NoReply", "Disconnected", "ServiceUnknown", "NameHasNoOwner", "Timeout");

    /// systemd may have read a message together with the end of the greeting before it, and then looks at it only when
    /// more comes: seen with its own socket, once in twenty connections. Whoever waits for so long sends more.
    private static final Duration BETWEEN_NUDGES = Duration.ofMillis(100);

    private final Bus bus;
    private final AbstractConnection connection;
    private final Peer peer;

    Conversation(Bus bus, AbstractConnection connection) throws DBusException {
        this.bus = bus;
        this.connection = connection;
        this.peer = remote(Systemd.ROOT, Peer.class);
    }

    /// What came of one of several questions.
    sealed interface Answer {
        /// @param job its path
        record Job(String job) implements Answer {}

        record Nothing() implements Answer {}

        record Refused(String because) implements Answer {
            /// Whether systemd has no unit of that name: then nothing of it runs, and nothing waits to be started. The
            /// bindings keep no names of errors, so this is told by systemd's words.
            boolean knowsNone() {
                return because.startsWith("Unit ") && because.endsWith(" not loaded.");
            }
        }
    }

    /// One call of the manager.
    record Call(String method, String unit) {
        private static final String MODE = "replace";

        private Object[] arguments() {
            return method.equals("ResetFailedUnit") ? new Object[] {unit} : new Object[] {unit, MODE};
        }
    }

    interface Question<T> {
        T ask() throws DBusException;
    }

    /// Something of systemd's. Nothing is asked for it.
    <T extends DBusInterface> T remote(String path, Class<T> type) throws DBusException {
        return switch (connection) {
            case DirectConnection direct -> direct.getRemoteObject(path, type);
            case DBusConnection routed -> routed.getRemoteObject(Systemd.NAME, path, type);
            default -> throw new IllegalStateException("no such connection is made: " + bus);
        };
    }

    <T> T ask(Question<T> question) throws BusLostException, RefusedException {
        return answer(begin(question));
    }

    /// As [#ask], of what takes a right.
    <T> T ask(Right right, Question<T> question) throws BusLostException, RefusedException {
        try {
            return ask(question);
        } catch (RefusedException e) {
            throw new RefusedException(right.words(bus, e.getMessage()), e.getCause());
        }
    }

    /// As [#ask], of several at once; each is then waited for with [#answer].
    static <T> CompletableFuture<T> begin(Question<T> question) {
        var answer = new CompletableFuture<T>();
        Thread.ofVirtual().name("asks systemd").start(() -> {
            try {
                answer.complete(question.ask());
            } catch (DBusException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    <T> T answer(CompletableFuture<T> answer) throws BusLostException, RefusedException {
        try {
            return await(answer);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DBusExecutionException said && !isLoss(said)) {
                throw new RefusedException(plain(said), said);
            }
            throw lost(e.getCause());
        }
    }

    /// Asks all of it without waiting in between; systemd takes it in order. All of it takes [Right#MANAGE_UNITS].
    ImmutableList<Answer> all(DBusInterface of, List<Call> calls) throws BusLostException {
        var replies = new ArrayList<CompletableFuture<Answer>>();
        for (var call : calls) {
            var reply = new CompletableFuture<Answer>();
            replies.add(reply);
            try {
                connection.callWithCallback(of, call.method(), new Callback(bus, reply), call.arguments());
            } catch (DBusExecutionException e) {
                throw lost(e);
            }
        }
        var answers = ImmutableList.<Answer>builder();
        try {
            for (var reply : replies) {
                answers.add(await(reply));
            }
            return answers.build();
        } catch (ExecutionException e) {
            throw lost(e.getCause());
        }
    }

    private <T> T await(CompletableFuture<T> reply) throws BusLostException, ExecutionException {
        try {
            for (long waited = 0; waited < PATIENCE.toMillis(); waited += BETWEEN_NUDGES.toMillis()) {
                try {
                    return reply.get(BETWEEN_NUDGES.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException _) {
                    if (!connection.isConnected()) {
                        break;
                    }
                    connection.callWithCallback(peer, "Ping", new Callback(bus, new CompletableFuture<>()));
                }
            }
            throw new BusLostException("systemd does not answer at " + bus.socket(), new TimeoutException());
        } catch (DBusExecutionException e) {
            throw lost(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw lost(e);
        }
    }

    private record Callback(Bus bus, CompletableFuture<Answer> reply) implements CallbackHandler<Object> {
        @Override
        public void handle(Object value) {
            reply.complete(value instanceof DBusPath job ? new Answer.Job(job.getPath()) : new Answer.Nothing());
        }

        @Override
        public void handleError(DBusExecutionException e) {
            if (isLoss(e)) {
                reply.completeExceptionally(e);
            } else {
                reply.complete(new Answer.Refused(Right.MANAGE_UNITS.words(bus, plain(e))));
            }
        }
    }

    /// Returns once systemd has ended what it was at.
    void settle() throws BusLostException {
        try {
            var _ = ask(() -> {
                peer.Ping();
                return true;
            });
        } catch (RefusedException e) {
            throw lost(e);
        }
    }

    private BusLostException lost(Throwable cause) {
        return new BusLostException("systemd does not answer at " + bus.socket() + ": " + plain(cause), cause);
    }

    private static boolean isLoss(DBusExecutionException e) {
        return LOST.contains(e.getClass().getSimpleName());
    }

    /// What it says, in one line.
    static String plain(Throwable e) {
        var words = Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
        return words.lines().findFirst().orElse("").strip();
    }
}
