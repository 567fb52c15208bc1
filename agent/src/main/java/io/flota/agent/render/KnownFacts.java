package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.registry.Codec;
import io.flota.registry.Fact;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PolicyFact;
import io.flota.registry.Keys;
import io.flota.registry.Mirror;
import io.flota.store.Entry;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.WatchListener.Deleted;
import io.flota.store.WatchListener.Event;
import io.flota.store.WatchListener.Written;
import io.flota.unit.Endpoint;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Endpoints and machines as the store tells them, as long as somebody renders from them.
public final class KnownFacts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KnownFacts.class);

    private final Codec codec;
    private final Runnable changed;
    private final List<Part> parts;
    private final List<Mirror> mirrors;
    private volatile Optional<Facts> latest = Optional.empty();

    /// @param changed called after each change
    public KnownFacts(World world, Store store, Keys keys, Runnable changed) {
        this.codec = new Codec(keys);
        this.changed = changed;
        this.parts = Stream.of(keys.endpoints(), keys.machines(), keys.policies()).map(Part::new).toList();
        this.mirrors = parts.stream().map(part -> new Mirror(world, store, part.prefix, part)).toList();
    }

    /// Empty until all was told once. Without etcd it stays as it was.
    Optional<Facts> latest() {
        return latest;
    }

    @Override
    public void close() {
        mirrors.forEach(Mirror::close);
    }

    private synchronized void publish() {
        var known = parts.stream().map(part -> part.known).toList();
        if (known.stream().allMatch(Optional::isPresent)) {
            latest = Optional.of(facts(known.stream().flatMap(part -> part.orElseThrow().values().stream()).toList()));
            changed.run();
        }
    }

    private static Facts facts(List<Fact> known) {
        var endpoints = ImmutableList.<Endpoint>builder();
        var machines = new TreeMap<MachineId, Machine>();
        var policies = new TreeMap<MachineId, Policy>();
        for (var fact : known) {
            switch (fact) {
                case EndpointFact(var endpoint, _) -> endpoints.add(endpoint);
                case MachineFact(var machine) -> machines.put(machine.id(), machine);
                case PolicyFact(var machine, var policy, _) -> policies.put(machine, policy);
                default -> throw new IllegalStateException("none of these prefixes has " + fact);
            }
        }
        machines.replaceAll((id, machine) -> machine.under(policies.getOrDefault(id, Policy.NONE)));
        return Facts.of(endpoints.build(), machines.values());
    }

    /// Those of one prefix.
    private final class Part implements Mirror.Listener {
        private final String prefix;
        /// Only the mirror's thread touches it.
        private final TreeMap<String, Fact> facts = new TreeMap<>();
        private volatile Optional<ImmutableSortedMap<String, Fact>> known = Optional.empty();

        Part(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public void reset(Snapshot snapshot) {
            facts.keySet().retainAll(snapshot.entries().keySet());
            snapshot.entries().values().forEach(this::take);
            tell();
        }

        @Override
        public void changed(long revision, ImmutableList<Event> events) {
            for (var event : events) {
                switch (event) {
                    case Written(var entry) -> take(entry);
                    case Deleted(var key) -> facts.remove(key);
                }
            }
            tell();
        }

        @Override
        public void away(Instant since, String reason) {
            LOG.warn("etcd cannot be reached; rendered files stay as they are prefix={} since={} because={}",
                    prefix, since, reason);
        }

        @Override
        public void current() {
            LOG.info("etcd can be reached again prefix={}", prefix);
        }

        /// What cannot be read counts as gone: nobody is to be sent there.
        private void take(Entry entry) {
            codec.decode(entry).ifPresentOrElse(
                    fact -> facts.put(entry.key(), fact), () -> facts.remove(entry.key()));
        }

        private void tell() {
            known = Optional.of(ImmutableSortedMap.copyOf(facts));
            publish();
        }
    }
}
