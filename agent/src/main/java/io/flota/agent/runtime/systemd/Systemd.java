package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.UnitDetails.Member;
import io.flota.agent.runtime.systemd.Conversation.Answer;
import io.flota.agent.runtime.systemd.Conversation.Call;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.freedesktop.dbus.connections.AbstractConnection;
import org.freedesktop.dbus.connections.IDisconnectCallback;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.connections.impl.DirectConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.interfaces.DBus;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/// A connection to systemd. Once it is lost it stays so.
final class Systemd implements AutoCloseable {
    static final String NAME = "org.freedesktop.systemd1";
    static final String ROOT = "/org/freedesktop/systemd1";
    private static final String MANAGER_INTERFACE = "org.freedesktop.systemd1.Manager";
    private static final String UNIT_INTERFACE = "org.freedesktop.systemd1.Unit";
    /// Who tells whose a name is. Nobody else can have this name.
    private static final String DAEMON = "org.freedesktop.DBus";

    private final AbstractConnection connection;
    private final Conversation conversation;
    private final ManagerObject manager;

    private Systemd(Bus bus, AbstractConnection connection) throws DBusException {
        this.connection = connection;
        this.conversation = new Conversation(bus, connection);
        this.manager = conversation.remote(ROOT, ManagerObject.class);
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
            throw new BusLostException("cannot reach systemd at " + bus.socket() + ": " + Conversation.plain(e), e);
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
        var _ = conversation.ask(() -> {
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
        var owner = conversation.ask(
                () -> routed.getRemoteObject(DAEMON, "/org/freedesktop/DBus", DBus.class).GetNameOwner(NAME));
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
        return conversation.ask(() -> conversation.remote(ROOT, Properties.class).Get(MANAGER_INTERFACE, property));
    }

    /// Of each of these names, loaded for the purpose if need be; one that no file has is `not-found`.
    ImmutableList<ListedUnit> units(Collection<String> names) throws BusLostException, RefusedException {
        return ImmutableList.copyOf(conversation.ask(() -> manager.ListUnitsByNames(List.copyOf(names))));
    }

    /// All properties of a unit, those of its type included.
    Map<String, Object> properties(String unit) throws BusLostException, RefusedException {
        var type = unit.substring(unit.lastIndexOf('.') + 1);
        var ofType = UNIT_INTERFACE.replace("Unit", Character.toUpperCase(type.charAt(0)) + type.substring(1));
        return conversation.ask(() -> {
            var remote = conversation.remote(path(unit), Properties.class);
            var all = ImmutableMap.<String, Object>builder();
            all.putAll(plain(remote.GetAll(UNIT_INTERFACE)));
            all.putAll(plain(remote.GetAll(ofType)));
            return all.buildKeepingLast();
        });
    }

    /// In the order of their ids.
    ImmutableList<Member> processes(String unit) throws BusLostException, RefusedException {
        return conversation.ask(() -> manager.GetUnitProcesses(unit)).stream()
                .map(process -> new Member(process.pid.longValue(), process.command))
                .sorted(Comparator.comparingLong(Member::pid))
                .collect(ImmutableList.toImmutableList());
    }

    Object property(String unit, String name) throws BusLostException, RefusedException {
        return conversation.ask(() -> conversation.remote(path(unit), Properties.class).Get(UNIT_INTERFACE, name));
    }

    /// Where systemd has read each of these units: the path of a file; empty for one that it has from none, or does not
    /// know.
    ImmutableMap<UnitName, String> fragments(Collection<UnitName> units) throws BusLostException {
        var questions = new LinkedHashMap<UnitName, CompletableFuture<Object>>();
        for (var unit : units) {
            questions.put(unit, Conversation.begin(() -> conversation.remote(path(unit.full()), Properties.class)
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
            return conversation.answer(question).toString();
        } catch (RefusedException _) {
            return ""; // such as a name that systemd does not take: it says so when the unit is loaded
        }
    }

    /// @throws RefusedException also of no files at all, if the agent may not link any
    void link(Collection<Path> files) throws BusLostException, RefusedException {
        var paths = files.stream().map(Path::toString).toList();
        var _ = conversation.ask(Right.MANAGE_UNIT_FILES, () -> manager.LinkUnitFiles(paths, true, false));
    }

    /// Links a file, and makes the further links that its `[Install]` asks for.
    void enable(Path file) throws BusLostException, RefusedException {
        var files = List.of(file.toString());
        var _ = conversation.ask(Right.MANAGE_UNIT_FILES, () -> manager.EnableUnitFiles(files, true, false));
    }

    /// Removes all links.
    void disable(Collection<String> units) throws BusLostException, RefusedException {
        var names = List.copyOf(units);
        var _ = conversation.ask(Right.MANAGE_UNIT_FILES, () -> manager.DisableUnitFiles(names, true));
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
        var _ = conversation.ask(Right.MANAGE_UNITS, () -> {
            manager.SetUnitProperties(unit.full(), true, properties);
            return true;
        });
    }

    private static String onTheBus(Property property) {
        return property == Property.CPU_QUOTA ? "CPUQuotaPerSecUSec" : property.word();
    }

    /// Returns once systemd has ended what it was at.
    void settle() throws BusLostException {
        conversation.settle();
    }

    void reload() throws BusLostException, RefusedException {
        var _ = conversation.ask(Right.RELOAD_DAEMON, () -> {
            manager.Reload();
            return true;
        });
    }

    /// Begins to reload a unit.
    void reload(UnitName unit) throws BusLostException, RefusedException {
        var _ = conversation.ask(Right.MANAGE_UNITS, () -> manager.ReloadUnit(unit.full(), "replace"));
    }

    /// Sends a signal to a unit's main process.
    void signal(UnitName unit, int signal) throws BusLostException, RefusedException {
        var _ = conversation.ask(Right.MANAGE_UNITS, () -> {
            manager.KillUnit(unit.full(), "main", signal);
            return true;
        });
    }

    /// Asks all of it without waiting in between; systemd takes it in order.
    ImmutableList<Answer> all(List<Call> calls) throws BusLostException {
        return conversation.all(manager, calls);
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
