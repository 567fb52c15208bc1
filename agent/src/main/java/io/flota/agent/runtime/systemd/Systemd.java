package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.UnitDetails.Member;
import io.flota.agent.runtime.systemd.ManagerObject.ListedUnit;
import io.flota.agent.runtime.systemd.ManagerObject.SetProperty;
import io.flota.agent.runtime.systemd.News.Changed;
import io.flota.agent.runtime.systemd.News.JobEnded;
import io.flota.agent.runtime.systemd.News.Lost;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitProperties.Property;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.connections.AbstractConnection;
import org.freedesktop.dbus.connections.IDisconnectCallback;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.connections.impl.DirectConnection;
import org.freedesktop.dbus.connections.impl.DirectConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.interfaces.CallbackHandler;
import org.freedesktop.dbus.interfaces.DBus;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.interfaces.Peer;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/// A connection to systemd. Once it is lost it stays so.
final class Systemd implements AutoCloseable {
    private static final String NAME = "org.freedesktop.systemd1";
    private static final String ROOT = "/org/freedesktop/systemd1";
    private static final String MANAGER_INTERFACE = "org.freedesktop.systemd1.Manager";
    private static final String UNIT_INTERFACE = "org.freedesktop.systemd1.Unit";
    /// Who tells whose a name is. Nobody else can have this name.
    private static final String DAEMON = "org.freedesktop.DBus";
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
    private final ManagerObject manager;
    private final Peer peer;

    private Systemd(Bus bus, AbstractConnection connection) throws DBusException {
        this.bus = bus;
        this.connection = connection;
        this.manager = remote(bus, connection, ROOT, ManagerObject.class);
        this.peer = remote(bus, connection, ROOT, Peer.class);
    }

    /// @param news is told what systemd tells, in that order, by one thread; must not block
    static Systemd connect(Bus bus, Consumer<News> news) throws BusLostException {
        var lost = new CompletableFuture<Systemd>();
        try {
            var connection = open(bus, () -> lost.thenAccept(of -> news.accept(new Lost(of))));
            var systemd = new Systemd(bus, connection);
            try {
                systemd.listen(news, () -> news.accept(new Lost(systemd)));
            } catch (RefusedException | BusLostException e) {
                systemd.close();
                throw new BusLostException("systemd tells nothing at " + bus.socket() + ": " + e.getMessage(), e);
            }
            lost.complete(systemd);
            return systemd;
        } catch (DBusException | DBusExecutionException e) {
            throw new BusLostException("cannot reach systemd at " + bus.socket() + ": " + plain(e), e);
        }
    }

    private static AbstractConnection open(Bus bus, Runnable lost) throws DBusException {
        var callback = new IDisconnectCallback() {
            @Override
            public void disconnectOnError(IOException e) {
                lost.run();
            }

            @Override
            public void clientDisconnect() {
                lost.run();
            }
        };
        if (bus.direct()) {
            var builder = DirectConnectionBuilder.forAddress(bus.address());
            builder.receivingThreadConfig().withSignalThreadCount(1);
            return builder.withDisconnectCallback(callback).build();
        }
        var builder = DBusConnectionBuilder.forAddress(bus.address()).withShared(false);
        builder.receivingThreadConfig().withSignalThreadCount(1);
        return builder.withDisconnectCallback(callback).build();
    }

    private static <T extends DBusInterface> T remote(
            Bus bus, AbstractConnection connection, String path, Class<T> type) throws DBusException {
        return switch (connection) {
            case DirectConnection direct -> direct.getRemoteObject(path, type);
            case DBusConnection routed -> routed.getRemoteObject(NAME, path, type);
            default -> throw new IllegalStateException("no such connection is made: " + bus);
        };
    }

    /// On a bus, anyone may send what looks like systemd's signals; the bus says who did.
    private void listen(Consumer<News> news, Runnable lost) throws DBusException, BusLostException, RefusedException {
        Predicate<DBusSignal> genuine = switch (connection) {
            case DBusConnection routed -> ofOwner(routed, lost);
            default -> _ -> true;
        };
        connection.addSigHandler(ManagerObject.JobRemoved.class, signal -> {
            if (genuine.test(signal)) {
                news.accept(new JobEnded(signal.job.getPath(), signal.unit, signal.result));
            }
        });
        connection.addSigHandler(Properties.PropertiesChanged.class, signal -> {
            if (genuine.test(signal) && signal.getPath().startsWith(ROOT + "/unit/")) {
                news.accept(new Changed(signal.getPath(), plain(signal.getPropertiesChanged())));
            }
        });
        var _ = ask(() -> {
            manager.Subscribe();
            return true;
        });
    }

    /// systemd has another name of its own on the bus once it has executed itself anew: then this connection is over.
    private Predicate<DBusSignal> ofOwner(DBusConnection routed, Runnable lost)
            throws DBusException, BusLostException, RefusedException {
        routed.addSigHandler(DBus.NameOwnerChanged.class, signal -> {
            if (DAEMON.equals(signal.getSource()) && NAME.equals(signal.name)) {
                lost.run();
            }
        });
        var owner = ask(() -> routed.getRemoteObject(DAEMON, "/org/freedesktop/DBus", DBus.class).GetNameOwner(NAME));
        return signal -> owner.equals(signal.getSource());
    }

    /// What it says of itself, such as `252.39-1~deb12u1`.
    String version() throws BusLostException, RefusedException {
        return ofManager("Version").toString();
    }

    /// Tells one life of this systemd, with all units that it has, from the next. It lives on when it executes itself
    /// anew.
    String life() throws BusLostException, RefusedException {
        return ofManager("UserspaceTimestampMonotonic").toString();
    }

    private Object ofManager(String property) throws BusLostException, RefusedException {
        return ask(() -> remote(bus, connection, ROOT, Properties.class).Get(MANAGER_INTERFACE, property));
    }

    /// Of each of these names, loaded for the purpose if need be; one that no file has is `not-found`.
    ImmutableList<ListedUnit> units(Collection<String> names) throws BusLostException, RefusedException {
        return ImmutableList.copyOf(ask(() -> manager.ListUnitsByNames(List.copyOf(names))));
    }

    /// All properties of a unit, those of its type included.
    Map<String, Object> properties(String unit) throws BusLostException, RefusedException {
        var type = unit.substring(unit.lastIndexOf('.') + 1);
        var ofType = UNIT_INTERFACE.replace("Unit", Character.toUpperCase(type.charAt(0)) + type.substring(1));
        return ask(() -> {
            var remote = remote(bus, connection, path(unit), Properties.class);
            var all = ImmutableMap.<String, Object>builder();
            all.putAll(plain(remote.GetAll(UNIT_INTERFACE)));
            all.putAll(plain(remote.GetAll(ofType)));
            return all.buildKeepingLast();
        });
    }

    /// In the order of their ids.
    ImmutableList<Member> processes(String unit) throws BusLostException, RefusedException {
        return ask(() -> manager.GetUnitProcesses(unit)).stream()
                .map(process -> new Member(process.pid.longValue(), process.command))
                .sorted(Comparator.comparingLong(Member::pid))
                .collect(ImmutableList.toImmutableList());
    }

    Object property(String unit, String name) throws BusLostException, RefusedException {
        return ask(() -> remote(bus, connection, path(unit), Properties.class).Get(UNIT_INTERFACE, name));
    }

    /// Where systemd has read each of these units: the path of a file; empty for one that it has from none, or does not
    /// know.
    ImmutableMap<UnitName, String> fragments(Collection<UnitName> units) throws BusLostException {
        var questions = new LinkedHashMap<UnitName, CompletableFuture<Object>>();
        for (var unit : units) {
            questions.put(unit, begin(() -> remote(bus, connection, path(unit.full()), Properties.class)
                    .Get(UNIT_INTERFACE, "FragmentPath")));
        }
        var fragments = ImmutableMap.<UnitName, String>builder();
        for (var question : questions.entrySet()) {
            fragments.put(question.getKey(), fragment(question.getValue()));
        }
        return fragments.buildOrThrow();
    }

    private String fragment(CompletableFuture<Object> question) throws BusLostException {
        try {
            return answer(question).toString();
        } catch (RefusedException _) {
            return ""; // such as a name that systemd does not take: it says so when the unit is loaded
        }
    }

    void link(Collection<Path> files) throws BusLostException, RefusedException {
        var _ = ask(() -> manager.LinkUnitFiles(files.stream().map(Path::toString).toList(), true, false));
    }

    /// Links a file, and makes the further links that its `[Install]` asks for.
    void enable(Path file) throws BusLostException, RefusedException {
        var _ = ask(() -> manager.EnableUnitFiles(List.of(file.toString()), true, false));
    }

    /// Removes all links.
    void disable(Collection<String> units) throws BusLostException, RefusedException {
        var _ = ask(() -> manager.DisableUnitFiles(List.copyOf(units), true));
    }

    /// Limits that hold at once and until the next boot, and that systemd keeps as [DropIns].
    ///
    /// @param limits [UnitProperties#UNLIMITED] is none
    void limit(UnitName unit, Map<Property, Long> limits) throws BusLostException, RefusedException {
        var properties = new ArrayList<SetProperty>();
        limits.forEach((property, limit) -> {
            boolean free = limit == UnitProperties.UNLIMITED;
            var number = free ? new UInt64(UInt64.MAX_BIG_VALUE) : new UInt64(limit);
            properties.add(new SetProperty(onTheBus(property), new Variant<>(number)));
        });
        var _ = ask(() -> {
            manager.SetUnitProperties(unit.full(), true, properties);
            return true;
        });
    }

    private static String onTheBus(Property property) {
        return property == Property.CPU_QUOTA ? "CPUQuotaPerSecUSec" : property.word();
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

    void reload() throws BusLostException, RefusedException {
        var _ = ask(() -> {
            manager.Reload();
            return true;
        });
    }

    /// What came of one of several questions.
    sealed interface Answer {
        /// @param job its path
        record Job(String job) implements Answer {}

        record Nothing() implements Answer {}

        /// @param error the name of a D-Bus error
        record Refused(String error, String because) implements Answer {
            private static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";

            /// Whether systemd has no unit of that name: then nothing of it runs, and nothing waits to be started.
            boolean knowsNone() {
                return error.equals(NO_SUCH_UNIT);
            }
        }
    }

    /// One call of the manager.
    record Call(String method, String unit) {
        private static final String MODE = "replace";

        Object[] arguments() {
            return method.equals("ResetFailedUnit") ? new Object[] {unit} : new Object[] {unit, MODE};
        }
    }

    /// Asks all of it without waiting in between; systemd takes it in order.
    ImmutableList<Answer> all(List<Call> calls) throws BusLostException {
        var replies = new ArrayList<CompletableFuture<Answer>>();
        for (var call : calls) {
            var reply = new CompletableFuture<Answer>();
            replies.add(reply);
            try {
                connection.callWithCallback(manager, call.method(), new Callback(reply), call.arguments());
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
                    connection.callWithCallback(peer, "Ping", new Callback(new CompletableFuture<>()));
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

    private record Callback(CompletableFuture<Answer> reply) implements CallbackHandler<Object> {
        @Override
        public void handle(Object value) {
            reply.complete(value instanceof DBusPath job ? new Answer.Job(job.getPath()) : new Answer.Nothing());
        }

        @Override
        public void handleError(DBusExecutionException e) {
            if (isLoss(e)) {
                reply.completeExceptionally(e);
            } else {
                reply.complete(new Answer.Refused(errorName(e), plain(e)));
            }
        }
    }

    private interface Question<T> {
        T ask() throws DBusException;
    }

    private <T> T ask(Question<T> question) throws BusLostException, RefusedException {
        return answer(begin(question));
    }

    private static <T> CompletableFuture<T> begin(Question<T> question) {
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

    private <T> T answer(CompletableFuture<T> answer) throws BusLostException, RefusedException {
        try {
            return await(answer);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DBusExecutionException said && !isLoss(said)) {
                throw new RefusedException(plain(said), said);
            }
            throw lost(e.getCause());
        }
    }

    private BusLostException lost(Throwable cause) {
        return new BusLostException("systemd does not answer at " + bus.socket() + ": " + plain(cause), cause);
    }

    private static boolean isLoss(DBusExecutionException e) {
        return LOST.contains(e.getClass().getSimpleName());
    }

    /// Empty if it has none.
    @SuppressWarnings("removal") // the bindings have it nowhere else
    private static String errorName(DBusExecutionException e) {
        return Optional.ofNullable(e.getType()).orElse("");
    }

    private static String plain(Throwable e) {
        var words = Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
        return words.lines().findFirst().orElse("").strip();
    }

    private static Map<String, Object> plain(Map<String, Variant<?>> properties) {
        var values = ImmutableMap.<String, Object>builder();
        properties.forEach((name, value) -> values.put(name, value.getValue()));
        return values.buildOrThrow();
    }

    /// Where a unit's object is: its name, with all but letters and digits escaped.
    static String path(String unit) {
        var path = new StringBuilder(ROOT).append("/unit/");
        var bytes = unit.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            int b = bytes[i] & 0xff;
            boolean letter = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z';
            if (letter || i > 0 && b >= '0' && b <= '9') {
                path.append((char) b);
            } else {
                path.append(String.format("_%02x", b));
            }
        }
        return path.toString();
    }

    @Override
    public void close() {
        connection.disconnect();
    }
}
