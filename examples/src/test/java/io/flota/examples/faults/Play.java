package io.flota.examples.faults;

import io.flota.examples.Unitctl;
import io.flota.examples.faults.Plan.PlannedCommand;
import io.flota.examples.faults.Plan.PlannedFault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Carries out a plan on a real cluster.
///
/// @param files where unitctl is called, by the version of the unit files there
record Play(FaultBox box, Deeds deeds, Unitctl unitctl, List<Path> files) {
    /// More than are ever under way at once: commands wait for a cluster that does not answer.
    private static final int HANDS = 60;

    /// Returns once all is done and undone.
    ///
    /// @param afterTheInnocent done once, when no unit has had a reason yet to be touched
    void perform(Plan plan, Runnable afterTheInnocent) {
        try (var hands = Executors.newScheduledThreadPool(HANDS, Thread.ofVirtual().factory())) {
            var ends = new ArrayList<Future<?>>();
            ends.add(at(hands, plan.innocent(), afterTheInnocent));
            plan.commands().forEach(planned -> ends.add(at(hands, planned.at(), () -> command(planned))));
            for (var planned : plan.faults()) {
                ends.add(at(hands, planned.at(), () -> inflict(planned)));
            }
            for (var end : ends) {
                end.get();
            }
        } catch (ExecutionException failure) {
            throw new AssertionError("the plan cannot be carried out", failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private static Future<?> at(ScheduledExecutorService hands, Duration time, Runnable deed) {
        return hands.schedule(deed, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void inflict(PlannedFault planned) {
        hold(planned.fault(), planned.lasts());
    }

    /// Inflicts a fault and undoes it a while later.
    void hold(Fault fault, Duration lasts) {
        deeds.tell(fault.words() + (lasts.isZero() ? ", started anew at once" : ", for " + lasts.toMillis() + " ms"));
        long from = System.nanoTime();
        deeds.inflicted(fault, from, Long.MAX_VALUE);
        if (!(fault instanceof Fault.Killed && lasts.isZero())) { // to start one anew is to kill it first
            box.inflict(fault);
        }
        var hours = Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
        try (hours) {
            var note = hours.schedule(() -> box.undo(fault), lasts.toMillis(), TimeUnit.MILLISECONDS).get();
            deeds.inflicted(fault, from, System.nanoTime());
            note.ifPresent(words -> deeds.tell(fault.words() + ": " + words));
        } catch (ExecutionException failure) {
            throw new AssertionError(fault.words() + " cannot be undone", failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private void command(PlannedCommand planned) {
        var command = planned.command();
        long from = System.nanoTime();
        var result = unitctl.in(files.get(command.version())).run(command.arguments());
        var said = result.err().lines().reduce((_, last) -> last).orElse("");
        deeds.commanded(new Deeds.Commanded(command, from, System.nanoTime(), result.exitCode(), said));
        deeds.tell(command.words() + (result.exitCode() == 0 ? "" : " -> " + said));
    }
}
