package io.flota.agent.fleet;

import com.google.common.net.HostAndPort;
import io.flota.registry.Codec;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Fact.LeaderFact;
import io.flota.registry.Keys;
import io.flota.store.Store;
import io.flota.store.StoreException;
import java.time.Duration;
import java.util.Optional;

/// Where the leading scheduler serves fleet's API, as etcd tells. While etcd does not tell, it is where it was.
final class LeadingScheduler {
    /// For as long nobody asks etcd again, however many requests come.
    private static final Duration KNOWN_FOR = Duration.ofSeconds(1);
    /// Nor when etcd did not answer, lest each request waits for it.
    private static final Duration SPARED_FOR = Duration.ofSeconds(10);

    private final Store store;
    private final Keys keys;
    private final Codec codec;
    private Optional<Leader> last = Optional.empty();
    private String problem = "no scheduler leads at the moment";
    private long askAt = System.nanoTime();

    LeadingScheduler(Store store, Keys keys) {
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
    }

    /// @throws NoSchedulerException if there is none, or none that serves it
    synchronized HostAndPort address() throws NoSchedulerException {
        if (System.nanoTime() - askAt >= 0) {
            ask();
        }
        var leader = last.orElseThrow(() -> new NoSchedulerException(problem));
        if (leader.fleetAddress().isEmpty()) {
            throw new NoSchedulerException("the leading scheduler, " + leader.schedulerId()
                    + ", does not serve fleet's API over TCP: give it --fleet-listen");
        }
        return HostAndPort.fromString(leader.fleetAddress());
    }

    /// It did not answer: the next request asks etcd who leads by then.
    synchronized void suspect() {
        askAt = System.nanoTime();
    }

    private void ask() {
        try {
            var entry = Optional.ofNullable(store.read(keys.leader()).entries().get(keys.leader()));
            last = entry.flatMap(codec::decode).map(fact -> ((LeaderFact) fact).leader());
            problem = "no scheduler leads at the moment";
            askAt = System.nanoTime() + KNOWN_FOR.toNanos();
        } catch (StoreException e) {
            problem = "etcd cannot be asked which scheduler leads: " + e.getMessage();
            askAt = System.nanoTime() + SPARED_FOR.toNanos();
        }
    }
}
