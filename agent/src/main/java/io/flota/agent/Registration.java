package io.flota.agent;

import com.google.common.net.HostAndPort;
import io.flota.agent.Claim.Mine;
import io.flota.agent.Claim.Wait;
import io.flota.agent.report.Registered;
import io.flota.loop.Reconciler;
import io.flota.machine.Machine;
import io.flota.registry.Codec;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Keys;
import io.flota.store.Entry;
import io.flota.store.Lease;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Absent;
import io.flota.store.Transaction.Condition;
import io.flota.store.Transaction.Unchanged;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps this machine's key in the store, under whichever lease the agent holds.
final class Registration implements Reconciler {
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
    /// How often the key is read to see that it is still ours. Nothing but an operator or a second agent removes it.
    private static final Duration REST = Duration.ofSeconds(30);
    /// How soon a key that is in the way is looked at again. It goes with its lease, within seconds.
    private static final Duration RETRY = Duration.ofMillis(500);

    /// To an address on this very host.
    private static final int PATIENCE_MILLIS = 300;

    private final Store store;
    private final String key;
    private final Codec codec;
    private volatile Machine machine;
    /// What is in the store, as far as it was written by us.
    private Machine told;
    private final Supplier<Optional<Lease>> lease;
    private final Predicate<String> answers;
    private final Runnable registered;
    private volatile Optional<Registered> current = Optional.empty();
    /// The writing of the key that a report may have been based on of which nobody knows what became.
    private volatile long doubted;
    private String saidInTheWay = "";

    /// @param lease the lease that is alive at present
    /// @param answers whether an agent answers at an address
    /// @param registered called when the machine was registered under a new lease
    Registration(
            Store store,
            Keys keys,
            Machine machine,
            Supplier<Optional<Lease>> lease,
            Predicate<String> answers,
            Runnable registered) {
        this.store = store;
        this.key = keys.machine(machine.id());
        this.codec = new Codec(keys);
        this.machine = machine;
        this.told = machine;
        this.lease = lease;
        this.answers = answers;
        this.registered = registered;
    }

    /// What reports may be based on; empty while there is nothing.
    Optional<Registered> reportable() {
        return registered().filter(found -> found.written() != doubted);
    }

    /// A report that was based on this may come late: the key is written anew, so that it is void then. A pass has to
    /// follow.
    void doubt(Registered base) {
        doubted = base.written();
    }

    /// Something else is to be known of the machine: its key is written anew, under the same lease. A pass has to follow.
    void become(Machine changed) {
        if (!changed.equals(machine)) {
            machine = changed;
        }
    }

    /// Under which lease the machine is registered, and since when; empty while it is not.
    Optional<Registered> registered() {
        var alive = lease.get();
        return current.filter(found -> alive.filter(found.lease()::equals).isPresent());
    }

    @Override
    public Duration reconcile() throws StoreException {
        var alive = lease.get();
        if (alive.isEmpty()) {
            return REST;
        }
        var present = Optional.ofNullable(store.read(key).entries().get(key));
        if (present.filter(entry -> entry.leaseId() == alive.get().id()).isPresent()) {
            long written = present.get().modRevision();
            if (written == doubted) {
                register(alive.get(), present, "what became of a report is not known");
                return Duration.ZERO;
            }
            accept(alive.get(), written);
            if (!told.equals(machine)) {
                register(alive.get(), present, "its settings have changed");
                return Duration.ZERO;
            }
            return REST;
        }
        current = Optional.empty();
        return switch (Claim.of(machine, present.flatMap(this::machineOf), answers)) {
            case Mine(var because) -> {
                register(alive.get(), present, because);
                yield Duration.ZERO; // reads back, whatever became of the write
            }
            case Wait(var because) -> {
                if (!because.equals(saidInTheWay)) {
                    LOG.warn("waiting to register machine={} because={}", machine.id(), because);
                    saidInTheWay = because;
                }
                yield RETRY;
            }
        };
    }

    private void register(Lease under, Optional<Entry> present, String because) throws StoreException {
        Condition unchanged = present.<Condition>map(entry -> new Unchanged(key, entry.modRevision()))
                .orElse(new Absent(key));
        LOG.info("registering machine={} because={}", machine.id(), because);
        var now = machine;
        var put = codec.encode(now.registeredFor(under.ttl()), under.id());
        if (store.commit(Transaction.of(List.of(unchanged), List.of(put))).committed()) {
            told = now;
        }
    }

    private void accept(Lease under, long written) {
        saidInTheWay = "";
        long since = registered().map(Registered::revision).orElse(written);
        var found = new Registered(under, since, written);
        if (!current.equals(Optional.of(found))) {
            current = Optional.of(found);
            LOG.info("registered machine={} hostname={} ttl={} revision={}",
                    machine.id(), machine.hostname(), found.lease().ttl(), found.revision());
            registered.run();
        }
    }

    /// Nothing answers where an agent has died, and where its machine is gone: both are then free to be replaced.
    static boolean answers(String address) {
        try (var socket = new Socket()) {
            var parsed = HostAndPort.fromString(address);
            socket.connect(new InetSocketAddress(parsed.getHost(), parsed.getPort()), PATIENCE_MILLIS);
            return true;
        } catch (IOException | IllegalArgumentException | IllegalStateException _) {
            return false;
        }
    }

    private Optional<Machine> machineOf(Entry entry) {
        return codec.decode(entry).flatMap(fact ->
                fact instanceof MachineFact(var found) ? Optional.of(found) : Optional.empty());
    }
}
