package io.flota.agent.runtime.systemd;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.guard.Watchdog;
import io.flota.agent.runtime.systemd.Conversation.Answer;
import io.flota.agent.runtime.systemd.Conversation.Call;
import io.flota.agent.runtime.systemd.Entry.Bond;
import io.flota.agent.runtime.systemd.Entry.Broken;
import io.flota.agent.runtime.systemd.ManagerObject.ListedUnit;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out what is to be done: writes files, asks systemd. What came of it goes back to [Units]. Whatever is left
/// undone when a call fails is due again at the next look.
final class Hands {
    private static final Logger log = LoggerFactory.getLogger(Hands.class);
    private static final String RESET = "ResetFailedUnit";

    private final Units units;
    private final StateFiles files;
    private final Fences fences;
    private final DropIns dropIns;
    private final Watchdog watchdog;
    private final ControlGroups groups;
    private final HostUnits host;
    private final Links links;
    private boolean reloadDue;

    Hands(Units units, StateFiles files, Fences fences, DropIns dropIns, Watchdog watchdog, ControlGroups groups) {
        this.units = units;
        this.files = files;
        this.fences = fences;
        this.dropIns = dropIns;
        this.watchdog = watchdog;
        this.groups = groups;
        this.host = new HostUnits(units, files);
        this.links = new Links(units, files);
    }

    /// A systemd that has begun anew has none of the units: what is placed here is to be loaded and started again.
    void meet(Systemd systemd) throws BusLostException {
        try {
            var life = systemd.life();
            if (!files.isOf(life)) {
                log.warn("systemd was started anew, and all units have gone with the one before");
                boolean _ = files.open(life);
                units.replace(files.adopted());
            }
        } catch (RefusedException | RuntimeUnavailableException | IOException e) {
            throw new BusLostException("systemd was started anew, perhaps: " + e.getMessage(), e);
        }
    }

    /// Whether systemd has yet to read files anew.
    boolean isReloadDue() {
        return reloadDue;
    }

    /// Stops come first, so that what is to go makes room; then all files, so that systemd reads them once.
    ///
    /// @throws RefusedException if systemd does not read them now; all else is done
    void carryOut(Systemd systemd, Work work) throws BusLostException, IOException, RefusedException {
        bar(work.unbarred());
        save(work.unsaved());
        unguard();
        stop(systemd, work.stops());
        forget(systemd, work.forgets());
        var fresh = load(systemd, work.loads());
        var refusal = reloadDue ? reload(systemd) : Optional.<RefusedException>empty();
        if (refusal.isEmpty()) {
            check(systemd, fresh);
        }
        limit(systemd, units.work().limits());
        if (reloadDue && refusal.isEmpty()) {
            refusal = reload(systemd); // what is not set any more is as the unit's file says, at once
        }
        var rest = units.work(); // what could not be loaded is not among it any more
        if (rest.loads().isEmpty()) { // else at the next look: what starts may need what is yet to be read
            bar(rest.unbarred());
            start(systemd, rest.starts());
        } else if (refusal.isPresent()) {
            bar(rest.unbarred());
            start(systemd, host.without(systemd, rest.starts(), rest.loads()));
        }
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    private void save(List<Entry> entries) throws IOException {
        for (var entry : entries) {
            files.saveRecord(entry);
            units.saved(entry);
        }
    }

    /// Before anything else: a unit that is to leave must not come back while it stops.
    private void bar(List<Entry> entries) throws IOException {
        for (var entry : entries) {
            files.bar(entry.name(), entry.wish().leaving(), entry.wish().epochBase() != 0);
            units.barred(entry);
        }
    }

    // Stopping

    private void stop(Systemd systemd, List<Entry> toStop) throws BusLostException {
        // One that could not be linked may have the name of a unit of the host's own; what was up as ours is ours.
        toStop.stream().filter(entry -> !isOurs(entry)).forEach(entry -> units.vanished(entry.name()));
        var stops = toStop.stream().filter(this::isOurs).filter(units::asking).toList();
        var answers = systemd.all(stops.stream()
                .map(entry -> new Call("StopUnit", entry.name().full()))
                .toList());
        for (int i = 0; i < stops.size(); i++) {
            var name = stops.get(i).name();
            switch (answers.get(i)) {
                case Answer.Job(String job) -> units.taken(name, job);
                case Answer.Refused refused when refused.knowsNone() -> units.vanished(name);
                case Answer.Refused(String because) -> {
                    if (!stops.get(i).wish().note().endsWith(because)) {
                        log.warn("systemd does not stop a unit, tries again unit={} because={}", name, because);
                    }
                    units.refusedStop(name, because);
                }
                case Answer.Nothing _ -> throw new IllegalStateException("systemd stops " + name + " without a job");
            }
        }
    }

    private boolean isOurs(Entry entry) {
        boolean linked = entry.broken().isEmpty() || files.isLinked(entry.name());
        return !entry.isDown() || linked && !entry.isForeign();
    }

    private void forget(Systemd systemd, List<Entry> forgets) throws BusLostException, IOException {
        if (forgets.isEmpty()) {
            return;
        }
        var linked = forgets.stream().map(Entry::name).filter(files::isLinked).toList();
        reloadDue |= links.remove(systemd, linked);
        // One that has failed would be kept in memory.
        var _ = systemd.all(forgets.stream()
                .filter(entry -> entry.broken().isEmpty() && entry.seen().active().equals("failed"))
                .map(entry -> new Call(RESET, entry.name().full()))
                .toList());
        for (var entry : forgets) {
            if (units.forget(entry.name())) {
                dropIns.remove(entry.name(), dropIns.of(entry.name())).ifPresent(because ->
                        log.warn("limits stay until the next boot unit={} because={}", entry.name(), because));
                fences.forget(entry.name());
                files.forget(entry.name());
            } else {
                units.reload(entry.name()); // it is wanted again, and was unlinked just now
            }
        }
    }

    // Loading

    /// @return those that systemd is to read now
    private ImmutableList<Entry> load(Systemd systemd, List<Entry> loads) throws BusLostException, IOException {
        var sound = loads.stream().filter(entry -> entry.file().broken().isEmpty()).toList();
        var unlinked = sound.stream().map(Entry::name).filter(name -> !files.isLinked(name)).toList();
        var foreign = host.amongUnlinked(systemd, unlinked);
        var fresh = ImmutableList.<Entry>builder();
        reloadDue |= links.removeOld(systemd, sound);
        for (var entry : sound) {
            if (foreign.containsKey(entry.name())) {
                units.broke(entry.name(), foreign.get(entry.name()));
            } else {
                files.saveFile(entry);
                fresh.add(entry);
            }
        }
        var linked = links.add(systemd, fresh.build());
        reloadDue |= !linked.isEmpty();
        loads.stream().filter(entry -> !linked.contains(entry)).forEach(units::wasLoaded);
        return linked;
    }

    /// @return why systemd does not: it has no room in /run, was asked too often, or somebody forbids it
    private Optional<RefusedException> reload(Systemd systemd) throws BusLostException {
        try {
            systemd.reload();
            reloadDue = false;
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(e);
        }
    }

    /// What systemd makes of the files.
    private void check(Systemd systemd, List<Entry> fresh) throws BusLostException {
        if (fresh.isEmpty()) {
            return;
        }
        var sound = new TreeSet<UnitName>();
        try {
            var found = systemd.units(fresh.stream().map(entry -> entry.name().full()).toList());
            for (ListedUnit unit : found) {
                if (unit.load.equals("loaded")) {
                    sound.add(new UnitName(unit.name));
                } else {
                    var because = LoadError.words(systemd.property(unit.name, "LoadError"));
                    units.broke(new UnitName(unit.name), new Broken(unit.load, because));
                }
            }
        } catch (RefusedException e) {
            log.warn("systemd does not say how it loaded units because={}", e.getMessage());
        }
        sound.removeAll(refuse(systemd, fresh.stream().map(Entry::name).toList()));
        sound.forEach(units::mended);
        fresh.forEach(units::wasLoaded);
    }

    /// Gives up those of these units that systemd knows as units of the host's own.
    ///
    /// @return those
    ImmutableSet<UnitName> refuse(Systemd systemd, List<UnitName> names) throws BusLostException {
        var foreign = host.among(systemd, names);
        foreign.forEach((name, because) -> {
            log.warn("leaves a unit of the host's own alone unit={} because={}", name, because.message());
            units.broke(name, because);
        });
        return foreign.keySet();
    }

    /// @param fragment where systemd has read it; empty if it has it from no file
    boolean isForeign(UnitName unit, String fragment) {
        return host.isForeign(unit, fragment);
    }

    // Limits

    private void limit(Systemd systemd, List<Entry> toLimit) throws BusLostException, IOException {
        for (var entry : toLimit) {
            var problem = entry.broken().isPresent() ? "" : limit(systemd, entry);
            units.limited(entry, problem);
        }
    }

    /// @return why its limits do not hold; empty if they do
    private String limit(Systemd systemd, Entry entry) throws BusLostException, IOException {
        var wanted = entry.limits().wanted().numbers();
        var gone = dropIns.of(entry.name()).stream().filter(property -> !wanted.containsKey(property)).toList();
        try {
            if (!wanted.isEmpty()) {
                systemd.limit(entry.name(), wanted);
            }
        } catch (RefusedException e) {
            return "its limits " + entry.limits().wanted() + " do not hold: " + e.getMessage();
        }
        if (gone.isEmpty()) {
            return "";
        }
        reloadDue = true;
        return dropIns.remove(entry.name(), gone)
                .map(because -> "limits that were taken away hold until the next boot: " + because)
                .orElse("");
    }

    // Starting

    private void start(Systemd systemd, List<Entry> starts) throws BusLostException, IOException {
        var admitted = new ArrayList<Entry>();
        var foreign = refuse(systemd, starts.stream().map(Entry::name).toList());
        for (var entry : InOrder.of(starts)) {
            boolean ours = !foreign.contains(entry.name()) && touchesNothing(systemd, entry);
            if (ours && admit(entry)) {
                admitted.add(entry);
            }
        }
        admitted.removeIf(entry -> !units.asking(entry));
        var calls = new ArrayList<Call>();
        // What an operator starts is not held back by the start limit, nor by how it ended before.
        admitted.stream()
                .filter(entry -> entry.seen().run() != 0 || !entry.seen().active().equals("inactive"))
                .forEach(entry -> calls.add(new Call(RESET, entry.name().full())));
        int resets = calls.size();
        admitted.forEach(entry -> calls.add(
                new Call(entry.isRestart() ? "RestartUnit" : "StartUnit", entry.name().full())));
        var answers = systemd.all(calls);
        for (int i = 0; i < admitted.size(); i++) {
            var name = admitted.get(i).name();
            switch (answers.get(resets + i)) {
                case Answer.Job(String job) -> units.taken(name, job);
                case Answer.Refused(String because) -> units.refusedStart(name, because);
                case Answer.Nothing _ -> throw new IllegalStateException("systemd starts " + name + " without a job");
            }
        }
    }

    private boolean touchesNothing(Systemd systemd, Entry entry) throws BusLostException {
        var touched = host.touched(systemd, entry.name());
        touched.ifPresent(because -> units.failed(entry, "not started: " + because));
        return touched.isEmpty();
    }

    /// Whether a unit may be started: from here on the watchdog knows of it, or of none that had its name and a guard.
    private boolean admit(Entry entry) throws IOException {
        if (entry.file().bond() == Bond.FREE) {
            var _ = watchdog.admit(entry.name(), false, entry.guard().isPresent());
            return true;
        }
        boolean exclusive = entry.file().bond() == Bond.EXCLUSIVE;
        try {
            var _ = watchdog.admit(entry.name(), exclusive, entry.guard().isPresent());
        } catch (IOException e) {
            units.strike(entry, "not started, for nothing would end it in time: " + e.getMessage());
            return false;
        }
        if (exclusive) {
            fences.begin(entry);
            files.saveBase(entry.name(), entry.wish().epochBase());
        }
        files.clearRefusal(entry.name());
        groups.thaw(files.group(entry.name()));
        return true;
    }

    /// Takes the guards away of units that have come to need none, see [Units#changed].
    private void unguard() throws IOException {
        for (var unit : units.unguarded(watchdog.guards().keySet())) {
            var _ = watchdog.admit(unit, false, false);
        }
    }

    // Looking after files

    /// Has those loaded again that were kept out, unless the host has a unit of its own of that name still.
    void retry(Systemd systemd) throws BusLostException {
        var keptOut = units.loaded().stream()
                .filter(entry -> entry.isKeptOut() && !entry.file().text().isEmpty() && !entry.wish().unload())
                .filter(entry -> entry.isForeign() || !files.isLinked(entry.name()))
                .map(Entry::name)
                .toList();
        var still = host.among(systemd, keptOut);
        keptOut.stream().filter(name -> !still.containsKey(name)).forEach(units::reload);
    }

    /// Puts back what somebody else has changed or removed.
    void mend(Systemd systemd) throws BusLostException, IOException {
        try {
            boolean _ = fences.mend();
            fences.find(systemd);
        } catch (IOException e) { // that concerns no other units
            log.error("cannot put back what keeps units that depend on the lease because={}", e.toString());
        }
        for (var entry : units.loaded()) {
            boolean placed = entry.broken().isEmpty() && !entry.hash().isEmpty() && !entry.wish().unload();
            if (placed && !files.isIntact(entry)) {
                boolean there = Files.exists(files.file(entry.name()));
                log.warn("somebody has {} a unit file of ours, puts it back unit={} file={}",
                        there ? "changed or unlinked" : "removed", entry.name(), files.file(entry.name()));
                units.reload(entry.name());
            }
        }
    }
}
