package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.runtime.process.Signal;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random units with random relations, started, stopped and crashed in random order, on a pretended host whose
/// processes answer in their own time. Agents end at any moment, between any two acts, and the next one goes on from
/// what was saved.
class SupervisorTest {
    private static final Specifiers.Host HOST =
            new Specifiers.Host("host", "id", "boot", "6.1", "x86-64", Specifiers.Os.UNKNOWN);
    private static final List<String> RELATIONS =
            List.of("After", "Before", "Requires", "Wants", "BindsTo", "PartOf", "Requisite", "Conflicts", "OnFailure");
    private static final int UNITS = 6;
    private static final int RUNS = 500;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverWasAskedForComesToRestAsAskedFor(long firstSeed) {
        for (long seed = firstSeed * 10_000; seed < firstSeed * 10_000 + RUNS; seed++) {
            try {
                new Play(seed).play();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static final class Play {
        private final Random random;
        private Supervisor supervisor = new Supervisor();
        private final Map<UnitName, Entry> saved = new TreeMap<>();
        /// How the processes ended that ever began, as their shims wrote it down; empty if they run.
        private final Map<String, Optional<Exit>> processes = new TreeMap<>();
        /// What the host has yet to tell, by unit.
        private final Map<UnitName, Queue<Event>> news = new TreeMap<>();
        private final Map<UnitName, Proc> running = new TreeMap<>();
        private final StringBuilder story = new StringBuilder();
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");
        private long generation;

        Play(long seed) {
            random = new Random(seed);
        }

        void play() {
            supervisor.at(now);
            for (int i = 0; i < UNITS; i++) {
                load(i);
            }
            for (int i = 0; i < 40; i++) {
                step();
            }
            settle();
            for (var entry : supervisor.entries()) {
                assertRest(entry);
            }
        }

        private void assertRest(Entry entry) {
            assertThat(entry.wish().isPending())
                    .as("%s has a job for ever: %s %s%n%s", entry.name(), entry.wish(), supervisor.states(), story).isFalse();
            assertThat(entry.phase().isDown() || entry.phase().isUp())
                    .as("%s never comes to rest: %s%n%s", entry.name(), entry.phase(), story).isTrue();
            assertThat(running.containsKey(entry.name()))
                    .as("%s and its process agree: %s%n%s", entry.name(), entry.phase(), story)
                    .isEqualTo(entry.phase() == Phase.RUNNING);
            for (var other : supervisor.entries()) {
                boolean bound = entry.relations().bindsTo().contains(other.name()) && entry.phase().isUp();
                if (bound && entry.relations().after().contains(other.name())) {
                    assertThat(other.phase().isUp())
                            .as("%s is bound to %s%n%s", entry.name(), other.name(), story).isTrue();
                }
                boolean conflict = !entry.name().equals(other.name()) && Jobs.conflict(entry, other);
                if (conflict && entry.phase().isUp()) {
                    assertThat(other.phase().isUp())
                            .as("%s conflicts with %s%n%s", entry.name(), other.name(), story).isFalse();
                }
            }
        }

        private void load(int number) {
            var text = new StringBuilder("[Unit]\n");
            for (int i = random.nextInt(4); i > 0; i--) {
                var relation = RELATIONS.get(random.nextInt(RELATIONS.size()));
                text.append(relation).append("=u").append(random.nextInt(UNITS)).append(".service\n");
            }
            text.append("[Service]\nExecStart=/bin/x\n").append(random.nextBoolean() ? "ExecStop=/bin/y\n" : "");
            text.append(random.nextInt(3) == 0 ? "Restart=always\nRestartSec=1\n" : "");
            var unit = name(number);
            story.append("load ").append(unit).append(": ").append(text.toString().replace('\n', ' ')).append('\n');
            UnitFile file = Units.file(text.toString());
            try {
                var context = new Specifiers.Context(
                        unit, HOST, Specifiers.Account.ROOT, Specifiers.Folders.SYSTEM, "");
                supervisor.load(
                        new UnitToLoad(unit, file), new Entry.Loaded.Readable(UnitSettings.of(file, context)));
            } catch (UnitFileException e) {
                throw new AssertionError(e);
            }
        }

        private void step() {
            now = now.plusMillis(random.nextInt(300));
            supervisor.at(now);
            var unit = name(random.nextInt(UNITS));
            switch (random.nextInt(11)) {
                case 0, 1, 2 -> {
                    story.append("start ").append(unit).append('\n');
                    supervisor.start(new UnitToStart(unit, ++generation));
                }
                case 3, 4 -> {
                    story.append("stop ").append(unit).append('\n');
                    supervisor.stop(unit);
                }
                case 5 -> crash(unit);
                case 6 -> {
                    if (random.nextInt(3) == 0) {
                        story.append("unload ").append(unit).append('\n');
                        supervisor.unload(unit);
                        work();
                        load(Integer.parseInt(unit.stem().substring(1)));
                    }
                }
                case 7 -> {
                    work(random.nextInt(4));
                    replaceAgent();
                }
                default -> tellSome();
            }
            work();
        }

        /// The agent is gone, and with it all that it had not done yet.
        private void replaceAgent() {
            story.append("another agent\n");
            news.clear();
            supervisor = new Supervisor();
            supervisor.at(now);
            for (var entry : List.copyOf(saved.values())) {
                supervisor.adopt(entry.phase().isDown() ? entry.with(Optional.<UnitSettings>empty()) : entry);
            }
        }

        private void crash(UnitName unit) {
            if (running.containsKey(unit)) {
                story.append("crash ").append(unit).append('\n');
                end(unit, running.remove(unit).run(), new Exit.Code(1));
            }
        }

        private void work() {
            work(Integer.MAX_VALUE);
        }

        /// Does so many of the acts that are due.
        private void work(int most) {
            supervisor.passTime();
            supervisor.runJobs();
            int done = 0;
            for (var task : supervisor.takeTasks()) {
                if (done >= most) {
                    return;
                }
                switch (task) {
                    case Task.CarryOut(Entry entry, var acts) -> {
                        saved.put(entry.name(), entry);
                        for (var act : acts.subList(0, Math.min(acts.size(), most - done))) {
                            carryOut(entry.name(), act);
                            done++;
                        }
                    }
                    case Task.Forget(UnitName unit) -> {
                        saved.remove(unit);
                        news.remove(unit);
                        running.remove(unit);
                    }
                    case Task.SaveFile _, Task.ForgetStartedFile _ -> {}
                }
            }
        }

        private void carryOut(UnitName unit, Act act) {
            switch (act) {
                case Act.Spawn(long run, Hook hook, _) -> {
                    queue(unit).add(new Event.Began(run, run, run));
                    processes.put(unit + "/" + run, Optional.empty());
                    if (hook == Hook.START) {
                        running.put(unit, new Proc(run, run, run));
                    } else {
                        end(unit, run, new Exit.Code(0));
                    }
                }
                case Act.Kill _ -> {
                    var proc = running.remove(unit);
                    if (proc != null) {
                        end(unit, proc.run(), new Exit.Killed(Signal.TERM));
                    }
                }
                case Act.AwaitEmpty(long run) -> queue(unit).add(new Event.TreeEmptied(run));
                case Act.Recover(long run) -> {
                    if (!processes.containsKey(unit + "/" + run)) {
                        queue(unit).add(new Event.NeverBegan(run));
                    } else {
                        queue(unit).add(new Event.Began(run, run, run));
                        processes.get(unit + "/" + run).ifPresent(exit -> queue(unit).add(new Event.Ended(run, exit)));
                    }
                }
                case Act.FindMain _, Act.WatchMain _, Act.Clean _, Act.Limit _, Act.Log _ -> {}
            }
        }

        private void end(UnitName unit, long run, Exit exit) {
            processes.put(unit + "/" + run, Optional.of(exit));
            queue(unit).add(new Event.Ended(run, exit));
        }

        private void tellSome() {
            var units = new ArrayList<>(news.keySet());
            for (int i = random.nextInt(4); i > 0 && !units.isEmpty(); i--) {
                var unit = units.get(random.nextInt(units.size()));
                var event = queue(unit).poll();
                if (event != null) {
                    supervisor.happened(unit, event);
                    work();
                }
            }
        }

        /// All is told, and an hour passes.
        private void settle() {
            for (int i = 0; i < 600; i++) {
                for (var unit : List.copyOf(news.keySet())) {
                    for (var event = queue(unit).poll(); event != null; event = queue(unit).poll()) {
                        supervisor.happened(unit, event);
                        work();
                    }
                }
                now = now.plus(Duration.ofSeconds(6));
                supervisor.at(now);
                work();
            }
        }

        private Queue<Event> queue(UnitName unit) {
            return news.computeIfAbsent(unit, _ -> new ArrayDeque<>());
        }

        private static UnitName name(int number) {
            return new UnitName("u" + number + ".service");
        }
    }
}
