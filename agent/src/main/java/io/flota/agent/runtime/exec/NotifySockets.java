package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.process.ProcFs;
import io.flota.daemon.NotifySocket;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hears what units say of themselves (`sd_notify`). Whoever has a unit's socket in its environment speaks for it.
final class NotifySockets implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NotifySockets.class);
    private static final int STACK_BYTES = 256 * 1024;

    private final ExecSettings machine;
    private final Function<UnitName, Tree> trees;
    private final BiConsumer<UnitName, Event> listener;

    private record Ear(NotifySocket socket, Thread thread) {
        /// Only then the address is free again.
        void close() {
            socket.close();
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private final Map<UnitName, Ear> ears = new ConcurrentHashMap<>();

    NotifySockets(ExecSettings machine, Function<UnitName, Tree> trees, BiConsumer<UnitName, Event> listener) {
        this.machine = machine;
        this.trees = trees;
        this.listener = listener;
    }

    void listen(UnitName unit) {
        if (ears.containsKey(unit)) {
            return;
        }
        try {
            var socket = NotifySocket.open(NotifyAddress.of(machine, unit));
            var thread = Thread.ofPlatform()
                    .daemon()
                    .name("notify-" + unit, 0)
                    .stackSize(STACK_BYTES)
                    .start(() -> hear(unit, socket));
            ears.put(unit, new Ear(socket, thread));
        } catch (IOException e) {
            log.warn("a unit cannot say when it is ready unit={} because={}", unit, e.getMessage());
        }
    }

    void forget(UnitName unit) {
        Optional.ofNullable(ears.remove(unit)).ifPresent(Ear::close);
    }

    private void hear(UnitName unit, NotifySocket socket) {
        for (var message = socket.receive(); message.isPresent(); message = socket.receive()) {
            message.get().lines().forEach(line -> event(line)
                    .filter(event -> isOf(unit, event))
                    .ifPresent(event -> listener.accept(unit, event)));
        }
    }

    /// A main process is signalled as root: one that is not of the unit must not become it.
    private boolean isOf(UnitName unit, Event event) {
        try {
            return !(event instanceof Event.MainFound(long pid, _)) || trees.apply(unit).pids().contains(pid);
        } catch (IOException e) {
            log.warn("cannot see which processes are the unit's unit={} because={}", unit, e.toString());
            return false;
        }
    }

    /// What a line of a message says; empty for what this runtime has no use for.
    static Optional<Event> event(String line) {
        var parts = line.split("=", 2);
        if (parts.length < 2) {
            return Optional.empty();
        }
        return switch (parts[0]) {
            case "READY" -> parts[1].equals("1") ? Optional.of(new Event.Ready()) : Optional.empty();
            case "STOPPING" -> parts[1].equals("1") ? Optional.of(new Event.Stopping()) : Optional.empty();
            case "STATUS" -> Optional.of(new Event.Status(parts[1]));
            case "MAINPID" -> parts[1].matches("\\d{1,9}")
                    ? ProcFs.stat(Long.parseLong(parts[1]))
                            .filter(ProcFs.Stat::isAlive)
                            .map(stat -> new Event.MainFound(stat.pid(), stat.ticks()))
                    : Optional.empty();
            default -> Optional.empty();
        };
    }

    @Override
    public void close() {
        ears.values().forEach(Ear::close);
    }
}
