package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.api.v1.SetPolicyReply;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.machine.MachineId;
import io.flota.machine.Metadata;
import io.flota.machine.Policy;
import io.flota.registry.Fact.PolicyFact;
import io.flota.registry.PolicyChange;
import io.flota.registry.Registry;
import io.flota.scheduler.model.Model;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Writes what operators want of machines. Reads etcd and not the view: such calls are rare, and must not be refused
/// because a view is a moment behind.
public final class Policing {
    /// How often a call is made anew because others changed the same policies meanwhile.
    private static final int MAX_LOST_RACES = 5;
    /// How long to wait for the view to contain what was written; it takes milliseconds as a rule.
    private static final Duration CATCH_UP = Duration.ofSeconds(2);
    /// As many as one transaction takes: each is one write, with one condition.
    private static final int MAX_MACHINES = Transaction.MAX_OPERATIONS;

    private final Registry registry;
    private final Model model;

    public Policing(Registry registry, Model model) {
        this.registry = registry;
        this.model = model;
    }

    SetPolicyReply set(SetPolicyRequest request) throws RefusedException, InterruptedException {
        return set(List.of(request));
    }

    /// Does what several requests ask for, all of it or nothing. No machine is named by two of them.
    public SetPolicyReply set(List<SetPolicyRequest> requests) throws RefusedException, InterruptedException {
        for (var request : requests) {
            check(request);
        }
        Outage.writable(model.latest());
        try {
            for (int lostRaces = 0; lostRaces <= MAX_LOST_RACES; lostRaces++) {
                var policies = registry.policies();
                var machines = named(requests, policies);
                var changes = ImmutableList.<PolicyChange>builder();
                machines.forEach((request, named) -> changes.addAll(changes(request, named, policies)));
                var outcome = registry.putPolicies(changes.build());
                if (outcome.committed()) {
                    model.await(outcome.revision(), CATCH_UP);
                    return SetPolicyReply.newBuilder()
                            .setRevision(Math.max(outcome.revision(), model.latest().revision()))
                            .addAllMachineIds(machines.values().stream().flatMap(Set::stream).map(MachineId::value).toList())
                            .build();
                }
            }
        } catch (StoreException e) {
            throw Outage.during(e);
        }
        throw new RefusedException(
                Code.ABORTED, "somebody else keeps changing the same machines: repeat the command");
    }

    private static void check(SetPolicyRequest request) throws RefusedException {
        var problems = new Problems();
        if (request.getMachineIdsCount() == 0) {
            problems.add(Code.INVALID_ARGUMENT, "no machine is named");
        }
        var keys = new TreeSet<String>();
        Stream.of(
                        request.getSetMetadataMap().keySet(),
                        request.getUnsetMetadataList(),
                        request.getResetMetadataList())
                .flatMap(each -> each.stream().sorted())
                .forEach(key -> {
                    var illegal = Metadata.problemOfKey(key);
                    illegal.ifPresent(problem -> problems.add(Code.INVALID_ARGUMENT, problem));
                    if (illegal.isEmpty() && !keys.add(key)) {
                        problems.add(Code.INVALID_ARGUMENT, "metadata " + key + " is named twice in one call");
                    }
                });
        request.getSetMetadataMap().forEach((key, value) -> Metadata.problemOfValue(key, value)
                .ifPresent(problem -> problems.add(Code.INVALID_ARGUMENT, problem)));
        problems.refuseIfAny();
    }

    /// The machines that a call means: registered ones, and those of which something is wanted already.
    private Map<SetPolicyRequest, Set<MachineId>> named(
            List<SetPolicyRequest> requests, ImmutableSortedMap<MachineId, PolicyFact> policies)
            throws RefusedException, StoreException {
        var known = new TreeSet<>(registry.machines());
        known.addAll(policies.keySet());
        var problems = new Problems();
        var named = new LinkedHashMap<SetPolicyRequest, Set<MachineId>>();
        for (var request : requests) {
            named.put(request, named(request.getMachineIdsList(), known, problems));
        }
        int machines = named.values().stream().mapToInt(Set::size).sum();
        if (machines > MAX_MACHINES) {
            problems.add(Code.INVALID_ARGUMENT, machines + " machines in one call; it takes " + MAX_MACHINES);
        }
        problems.refuseIfAny();
        return named;
    }

    private static Set<MachineId> named(List<String> prefixes, Set<MachineId> known, Problems problems) {
        var named = new LinkedHashSet<MachineId>();
        for (String prefix : prefixes) {
            var meant = known.stream().filter(id -> id.value().startsWith(prefix)).toList();
            if (prefix.isEmpty() || meant.isEmpty()) {
                problems.add(Code.NOT_FOUND, "no machine's id starts with \"" + prefix
                        + "\"; unitctl list-machines --full shows those that there are");
            } else if (meant.size() > 1) {
                problems.add(Code.INVALID_ARGUMENT, "\"" + prefix + "\" could be any of " + meant.size()
                        + " machines, " + meant.getFirst() + " among them: give more digits");
            } else {
                named.add(meant.getFirst());
            }
        }
        return named;
    }

    private static ImmutableList<PolicyChange> changes(
            SetPolicyRequest request, Set<MachineId> machines, ImmutableSortedMap<MachineId, PolicyFact> policies) {
        var changes = ImmutableList.<PolicyChange>builder();
        for (var machine : machines) {
            var before = Optional.ofNullable(policies.get(machine));
            var wanted = before.map(PolicyFact::policy).orElse(Policy.NONE);
            var after = changed(wanted, request);
            if (!after.equals(wanted)) {
                changes.add(new PolicyChange(machine, before, after));
            }
        }
        return changes.build();
    }

    private static Policy changed(Policy before, SetPolicyRequest request) {
        var metadata = new TreeMap<String, String>(before.metadata());
        var without = new TreeSet<String>(before.withoutMetadata());
        for (var mentioned : List.of(
                request.getSetMetadataMap().keySet(), request.getUnsetMetadataList(), request.getResetMetadataList())) {
            metadata.keySet().removeAll(mentioned);
            without.removeAll(mentioned);
        }
        metadata.putAll(request.getSetMetadataMap());
        without.addAll(request.getUnsetMetadataList());
        return new Policy(
                request.hasCordoned() ? request.getCordoned() : before.cordoned(),
                request.hasDraining() ? request.getDraining() : before.draining(),
                ImmutableSortedMap.copyOfSorted(metadata),
                ImmutableSortedSet.copyOfSorted(without),
                before.unread());
    }
}
