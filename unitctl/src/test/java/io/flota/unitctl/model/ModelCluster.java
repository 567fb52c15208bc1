package io.flota.unitctl.model;

import io.flota.api.v1.Allocation;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.EndpointRecord;
import io.flota.api.v1.EventKind;
import io.flota.api.v1.EventRecord;
import io.flota.api.v1.EventsReply;
import io.flota.api.v1.EventsRequest;
import io.flota.api.v1.Freshness;
import io.flota.api.v1.JournalLine;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.ListEndpointsReply;
import io.flota.api.v1.ListEndpointsRequest;
import io.flota.api.v1.ListMachinesReply;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.SetPolicyReply;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.api.v1.UnitDetails;
import io.flota.api.v1.UnitUsage;
import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import io.flota.api.v1.UnitIntent;
import io.flota.api.v1.UnitProcess;
import io.flota.registry.Records;
import io.flota.unit.Glob;
import io.flota.unit.Reservation;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The state of the model. Time passes only in [#step].
final class ModelCluster {
    /// What is known of units that nobody has described yet.
    record Fate(ModelUnit.Nature nature, String because) {}

    private static final Instant NOON = Instant.parse("2026-11-21T09:55:00Z");

    private final SortedMap<String, ModelMachine> machines = new TreeMap<>();
    private final SortedMap<String, ModelUnit> units = new TreeMap<>();
    private final TreeMap<String, EndpointRecord> endpoints = new TreeMap<>();
    private final Map<String, Fate> fates = new TreeMap<>();
    private final List<JournalLine> journal = new ArrayList<>();
    private final List<EventRecord> events = new ArrayList<>();
    private final TreeMap<String, String> mute = new TreeMap<>();
    private final ModelPolicies policies = new ModelPolicies();
    private long revision = 1;
    Freshness staleness = Freshness.getDefaultInstance();

    synchronized void add(ModelMachine machine) {
        machines.put(machine.id(), machine);
    }

    synchronized void lose(String prefix) {
        List.copyOf(machines.keySet()).stream().filter(id -> id.startsWith(prefix)).forEach(id -> {
            machines.remove(id);
            units.values().forEach(unit -> unit.leave(id));
        });
    }

    synchronized void mute(String prefix, String problem) {
        mute.put(prefix, problem);
    }

    synchronized void foretell(String unit, Fate fate) {
        fates.put(unit, fate);
        Optional.ofNullable(units.get(unit)).ifPresent(known -> apply(known, fate));
    }

    private static void apply(ModelUnit unit, Fate fate) {
        unit.nature = fate.nature();
        unit.because = fate.because();
    }

    synchronized void say(String unit, String text) {
        journal.add(JournalLine.newBuilder()
                .setTimeMicros(NOON.until(NOON.plusSeconds(journal.size()), ChronoUnit.MICROS)
                        + NOON.toEpochMilli() * 1000)
                .setUnit(unit)
                .setProcess(new UnitName(unit).prefix() + "[4711]")
                .setText(text)
                .build());
    }

    /// @param where `UNIT MACHINE PORT [KEY=VALUE]`
    synchronized void announce(String service, String where) {
        String[] words = where.split(" ");
        var machine = machines.tailMap(words[1]).values().iterator().next();
        var endpoint = EndpointRecord.newBuilder()
                .setService(service)
                .setUnit(words[0])
                .setMachineId(machine.id())
                .setAddress(machine.ip())
                .setPort(Integer.parseInt(words[2]))
                .setEpoch(endpoints.size() + 1)
                .setSinceMillis(NOON.toEpochMilli());
        List.of(words).stream().skip(3).map(pair -> pair.split("=")).forEach(it -> endpoint.putAttributes(it[0], it[1]));
        endpoints.put(service + "/" + words[0], endpoint.build());
    }

    synchronized ListEndpointsReply listEndpoints(ListEndpointsRequest request) {
        return ListEndpointsReply.newBuilder()
                .setFreshness(freshness())
                .addAllEndpoints(endpoints.values().stream()
                        .filter(endpoint -> request.getServicesCount() == 0
                                || request.getServicesList().stream()
                                        .anyMatch(it -> new Glob(it).matches(endpoint.getService())))
                        .toList())
                .build();
    }

    /// @param what `UNIT MACHINE WHY`
    synchronized void happen(String kind, String what) {
        String[] words = what.split(" ", 3);
        events.add(EventRecord.newBuilder()
                .setTimeMillis(NOON.plusSeconds(events.size()).toEpochMilli())
                .setKind(EventKind.valueOf("EVENT_KIND_" + kind.toUpperCase(Locale.ROOT).replace('-', '_')))
                .setUnit(words[0].replaceFirst("^-$", ""))
                .setMachineId(words[1].equals("-") ? "" : words[1] + "0123456789abcdef01234567")
                .setReason(words[2])
                .setSource("s1")
                .setPlacementId("17-" + events.size())
                .build());
    }

    synchronized EventsReply events(EventsRequest request) {
        boolean all = request.getUnitsCount() == 0 && request.getMachineIdsCount() == 0;
        var found = events.stream()
                .filter(event -> all
                        || request.getUnitsList().stream().anyMatch(it -> new Glob(it).matches(event.getUnit()))
                        || request.getMachineIdsList().stream().anyMatch(event.getMachineId()::startsWith))
                .toList();
        int surplus = request.getLast() < 0 ? 0 : Math.max(0, found.size() - request.getLast());
        return EventsReply.newBuilder()
                .addAllEvents(found.subList(surplus, found.size()))
                .build();
    }

    /// @return whether anything happened
    synchronized boolean step() {
        boolean changed = false;
        for (ModelUnit unit : units.values()) {
            spare(unit);
            changed |= isDriven(unit);
            changed |= unit.step(targets(unit));
        }
        return changed;
    }

    synchronized void settle() {
        while (step()) {
            revision++;
        }
    }

    private void spare(ModelUnit unit) {
        unit.spared = Optional.ofNullable(units.get(unit.primary())).filter(ModelUnit::isActive).isPresent();
    }

    private Collection<String> targets(ModelUnit unit) {
        var byLoad = new ArrayList<>(machines.keySet());
        byLoad.removeIf(id -> policies.of(id).getCordoned());
        if (unit.isGlobal()) {
            return byLoad;
        }
        byLoad.sort(Comparator.comparingLong(
                id -> units.values().stream().filter(other -> other.isOn(id)).count()));
        return byLoad.subList(0, Math.min(1, byLoad.size()));
    }

    synchronized ListUnitsReply list(ListUnitsRequest request) {
        boolean all = request.getNamesCount() == 0 && request.getPatternsCount() == 0;
        var reply = ListUnitsReply.newBuilder().setFreshness(freshness());
        units.values().stream()
                .filter(unit -> all || request.getNamesList().contains(unit.name)
                        || request.getPatternsList().stream().anyMatch(it -> new Glob(it).matches(unit.name)))
                .forEach(unit -> reply.addUnits(unit.message(machines)));
        return reply.build();
    }

    synchronized ListMachinesReply listMachines() {
        var reply = ListMachinesReply.newBuilder().setFreshness(freshness());
        machines.values().forEach(machine -> reply.addMachines(MachineRecord.newBuilder()
                .setId(machine.id())
                .setPublicIp(machine.ip())
                .putAllMetadata(policies.metadata(machine))
                .setHostname("node")
                .setCpus(2)
                .setMemoryBytes(1L << 30)
                .setVersion("0.1.0")));
        reply.addAllPolicies(policies.list());
        machines.keySet().forEach(id -> reply.addAllocations(Allocation.newBuilder()
                .setMachineId(id)
                .setReserved(Records.of(units.values().stream()
                        .filter(unit -> unit.isOn(id))
                        .map(ModelUnit::reservation)
                        .reduce(Reservation.NONE, Reservation::plus)))));
        return reply.build();
    }

    synchronized SetPolicyReply setPolicy(SetPolicyRequest request) throws ModelScheduler.Refused {
        var meant = policies.set(request, machines.keySet());
        return SetPolicyReply.newBuilder().setRevision(++revision).addAllMachineIds(meant).build();
    }

    /// Whether a unit has left a draining machine.
    private boolean isDriven(ModelUnit unit) {
        var draining = machines.keySet().stream()
                .filter(id -> policies.of(id).getDraining() && unit.isOn(id) && !unit.clings(id))
                .toList();
        draining.forEach(unit::leave);
        return !draining.isEmpty();
    }

    synchronized void reach(long revision) {
        this.revision = revision;
    }

    private Freshness freshness() {
        return staleness.toBuilder().setRevision(revision).build();
    }

    synchronized ModelUnit unit(String name) throws ModelScheduler.Refused {
        var unit = units.get(name);
        if (unit == null) {
            throw new ModelScheduler.Refused(5, "unit " + name + " is not registered");
        }
        return unit;
    }

    private static JournalReply details(ModelUnit unit, String machine, JournalRequest request) {
        boolean runs = unit.message(new TreeMap<>()).getMachinesList().stream()
                .anyMatch(on -> on.getMachineId().equals(machine) && on.getState().getMainPid() == 4711);
        return !request.getDetails()
                ? JournalReply.getDefaultInstance()
                : JournalReply.newBuilder()
                        .setDetails(!runs
                                ? UnitDetails.newBuilder().setMainExit("code=exited, status=3")
                                : UnitDetails.newBuilder()
                                        .setControlGroup("/system.slice/" + unit.name)
                                        .setTasks(3)
                                        .setTasksMax(4915)
                                        .setMemoryBytes(5_347_737)
                                        .setCpuNanos(61_500_000_000L)
                                        .addProcesses(UnitProcess.newBuilder().setPid(4711).setCommand("/bin/web 1"))
                                        .addProcesses(UnitProcess.newBuilder().setPid(4712).setCommand("web: worker")))
                        .build();
    }

    synchronized List<JournalReply> journal(JournalRequest request) throws ModelScheduler.Refused {
        var replies = new ArrayList<JournalReply>();
        boolean several = request.getNamesCount() > 0 || request.getPatternsCount() > 0;
        for (String name : several ? request.getNamesList() : List.of(request.getUnit())) {
            replies.addAll(journal(unit(name), request));
        }
        for (var unit : units.values()) {
            if (request.getPatternsList().stream().anyMatch(it -> new Glob(it).matches(unit.name))) {
                replies.addAll(journal(unit, request));
            }
        }
        if (several && request.getFollow()) {
            replies.add(JournalReply.newBuilder().setCaughtUp(true).build());
            replies.addAll(later(request));
        }
        return replies;
    }

    /// What is said of a machine that is lost, and what its units write elsewhere.
    private List<JournalReply> later(JournalRequest request) {
        var line = journal.isEmpty() ? JournalLine.getDefaultInstance() : journal.getFirst();
        return List.of(
                JournalReply.newBuilder()
                        .setNotice("machine 85c0c595 is away: its units are followed where they run next")
                        .build(),
                JournalReply.newBuilder()
                        .setMachineId(machines.lastKey())
                        .addLines(line.toBuilder().setText("later, and by a clock that is behind"))
                        .build());
    }

    private List<JournalReply> journal(ModelUnit unit, JournalRequest request) {
        var all = journal.stream().filter(line -> line.getUnit().equals(unit.name)).toList();
        int surplus = request.getLines() < 0 ? 0 : Math.max(0, all.size() - request.getLines());
        var lines = all.subList(surplus, all.size());
        return machines.keySet().stream()
                .filter(unit::isOn)
                .filter(id -> mute.keySet().stream().noneMatch(id::startsWith))
                .map(id -> JournalReply.newBuilder().setMachineId(id).addAllLines(lines).mergeFrom(details(unit, id, request)).build())
                .toList();
    }

    /// Looks are a tenth of a second apart; in each a unit has used a millisecond for each letter of its name, and received
    /// a thousand bytes.
    synchronized UsageReply usage(UsageRequest request, int looks) {
        var reply = UsageReply.newBuilder().addAllProblems(mute.values());
        boolean all = request.getNamesCount() == 0 && request.getPatternsCount() == 0;
        for (var unit : units.values()) {
            boolean wanted = all
                    || request.getNamesList().contains(unit.name)
                    || request.getPatternsList().stream().anyMatch(it -> new Glob(it).matches(unit.name));
            machines.keySet().stream().filter(id -> wanted && unit.isOn(id)).forEach(id -> {
                var usage = UnitUsage.newBuilder().setUnit(unit.name).setMachineId(id).setActive("active").setRestarts(1);
                if (mute.keySet().stream().noneMatch(id::startsWith)) {
                    int share = unit.name.length();
                    usage.setAtNanos(100_000_000L * looks)
                            .setDetails(UnitDetails.newBuilder()
                                    .setCpuNanos(share * 1_000_000L * looks)
                                    .setMemoryBytes(10_000_000L / share)
                                    .setReceivedBytes(share * 1000L * looks)
                                    .setSentBytes(share * 10L * looks)
                                    .setTasks(share));
                }
                reply.addUnits(usage);
            });
        }
        return reply.build();
    }

    /// As a scheduler says it in the end, when some machines have told theirs.
    synchronized void refuseJournals() throws ModelScheduler.Refused {
        if (!mute.isEmpty()) {
            throw new ModelScheduler.Refused(14, String.join("\n", mute.values()));
        }
    }

    synchronized long apply(ApplyRequest request) throws ModelScheduler.Refused {
        for (UnitIntent intent : request.getUnitsList()) {
            for (var property : new TreeMap<>(intent.getSetPropertiesMap()).entrySet()) {
                var problem = UnitProperties.problem(
                        new UnitName(intent.getName()), property.getKey(), property.getValue());
                if (problem.isPresent()) {
                    throw new ModelScheduler.Refused(3, problem.get());
                }
            }
        }
        for (UnitIntent intent : request.getUnitsList()) {
            var unit = Optional.ofNullable(units.get(intent.getName())).orElseGet(() -> register(intent));
            boolean again = intent.getDesired() == DesiredState.DESIRED_STATE_LAUNCHED && unit.hasFailed();
            unit.file = intent.hasFile() ? intent.getFile() : unit.file;
            unit.desired = intent.hasDesired() ? intent.getDesired() : unit.desired;
            unit.properties = unit.properties.with(intent.getSetPropertiesMap());
            unit.generation += intent.getRestart() || again ? 1 : 0;
        }
        return ++revision;
    }

    private ModelUnit register(UnitIntent intent) {
        var file = intent.hasFile()
                ? intent.getFile()
                : units.get(new UnitName(intent.getName()).template().orElseThrow().full()).file;
        var unit = new ModelUnit(intent.getName(), file);
        Optional.ofNullable(fates.get(unit.name)).ifPresent(fate -> apply(unit, fate));
        units.put(unit.name, unit);
        return unit;
    }

    synchronized long destroy(DestroyRequest request) throws ModelScheduler.Refused {
        for (String name : request.getNamesList()) {
            unit(name);
            units.remove(name);
        }
        return ++revision;
    }
}
