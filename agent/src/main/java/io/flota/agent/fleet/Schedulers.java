package io.flota.agent.fleet;

import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableList;
import com.google.common.net.HostAndPort;
import io.flota.registry.Codec;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Fact.LeaderFact;
import io.flota.registry.Fact.SchedulerFact;
import io.flota.registry.Keys;
import io.flota.store.KeyRange;
import io.flota.store.Store;
import io.flota.store.StoreException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where schedulers serve fleet's API, as etcd tells: the leader first, for it knows best, then the others. While etcd
/// does not tell, it is where it was.
final class Schedulers {
    private static final Logger log = LoggerFactory.getLogger(Schedulers.class);
    /// For as long nobody asks etcd again, however many requests come.
    private static final Duration KNOWN_FOR = Duration.ofSeconds(1);
    /// Nor when etcd did not answer, lest each request waits for it.
    private static final Duration SPARED_FOR = Duration.ofSeconds(10);
    /// For as long one that did not answer comes last, lest each request waits for it, too.
    private static final Duration SUSPECTED_FOR = Duration.ofSeconds(10);
    private static final int MOST_ASKED = 100;

    private final Store store;
    private final Keys keys;
    private final Codec codec;
    /// The leader first.
    private List<HostAndPort> known = List.of();
    private final Map<HostAndPort, Long> suspectedUntil = new HashMap<>();
    private String problem = "";
    private boolean doesEtcdAnswer = true;
    private long askAt = System.nanoTime();

    Schedulers(Store store, Keys keys) {
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
    }

    /// In the order in which to ask them, each once.
    ///
    /// @throws NoSchedulerException if there is none, or none that serves it
    synchronized ImmutableList<HostAndPort> addresses() throws NoSchedulerException {
        long now = System.nanoTime();
        if (now - askAt >= 0) {
            ask();
        }
        suspectedUntil.values().removeIf(until -> now - until >= 0);
        if (known.isEmpty()) {
            throw new NoSchedulerException(problem);
        }
        return known.stream()
                .sorted(Comparator.comparing(suspectedUntil::containsKey)) // which leaves the rest in its order
                .collect(ImmutableList.toImmutableList());
    }

    /// It did not answer: others come first for a while, and the next request asks etcd who there is by then.
    synchronized void suspect(HostAndPort address) {
        long now = System.nanoTime();
        suspectedUntil.put(address, now + SUSPECTED_FOR.toNanos());
        if (doesEtcdAnswer) {
            askAt = now;
        }
    }

    private void ask() {
        try {
            var ranges = List.of(KeyRange.of(keys.leader()), KeyRange.of(keys.schedulers()));
            var facts = store.read(ranges, MOST_ASKED).entries().values().stream()
                    .flatMap(entry -> codec.decode(entry).stream())
                    .toList();
            var leader = facts.stream()
                    .flatMap(fact -> fact instanceof LeaderFact it ? Stream.of(it.leader()) : Stream.empty());
            var all = facts.stream()
                    .flatMap(fact -> fact instanceof SchedulerFact it ? Stream.of(it.scheduler()) : Stream.empty());
            var schedulers = Stream.concat(leader, all).toList();
            known = schedulers.stream().flatMap(Schedulers::address).distinct().toList();
            problem = schedulers.isEmpty()
                    ? "no scheduler leads at the moment"
                    : schedulers.getFirst().schedulerId() + " does not serve fleet's API over TCP: give it --fleet-listen";
            doesEtcdAnswer = true;
            askAt = System.nanoTime() + KNOWN_FOR.toNanos();
        } catch (StoreException e) {
            problem = "etcd cannot be asked which scheduler leads: " + e.getMessage();
            doesEtcdAnswer = false;
            askAt = System.nanoTime() + SPARED_FOR.toNanos();
        }
    }

    private static Stream<HostAndPort> address(Leader scheduler) {
        if (scheduler.fleetAddress().isEmpty()) {
            return Stream.empty();
        }
        try {
            var address = HostAndPort.fromString(scheduler.fleetAddress());
            Preconditions.checkArgument(address.hasPort(), "it has no port");
            return Stream.of(address);
        } catch (IllegalArgumentException e) {
            log.warn("a scheduler is not asked: it tells no address scheduler={} address={} because={}",
                    scheduler.schedulerId(), scheduler.fleetAddress(), e.getMessage());
            return Stream.empty();
        }
    }
}
