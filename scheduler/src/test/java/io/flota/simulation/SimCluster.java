package io.flota.simulation;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.ReleaseValveRequest;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.api.v1.UnitIntent;
import io.flota.registry.Records;
import io.flota.simulation.SimProcess.SimClocks;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Machines, schedulers, etcd and what lies between them, and all that can be done to them.
final class SimCluster {
    private final Timeline timeline = new Timeline();
    private final SplittableRandom random;
    private final Interference interference;
    private final History history;
    private final SimEtcd etcd;
    private final Network network;
    private final List<SimMachine> machines = new ArrayList<>();
    private final List<SimScheduler> schedulers = new ArrayList<>();

    SimCluster(Script.Shape shape, long noise, Interference interference, Story story) {
        this.random = new SplittableRandom(noise);
        this.interference = interference;
        this.history = new History(this, shape, story);
        this.etcd = new SimEtcd(timeline, shape.etcdClockRate(), history);
        this.network = new Network(timeline, random.split(), history::late);
        for (int number = 1; number <= shape.schedulers(); number++) {
            schedulers.add(new SimScheduler(this, number, shape.leaderTtl(), clocks(shape)));
        }
        for (int number = 1; number <= shape.machines(); number++) {
            machines.add(new SimMachine(this, number, shape.agentTtls().get(number - 1), clocks(shape)));
        }
        history.watch();
    }

    private SimClocks clocks(Script.Shape shape) {
        double rate = 1 + shape.drift() * (2 * random.nextDouble() - 1);
        return new SimClocks(timeline, rate, Duration.ofMillis(random.nextLong(-2_000, 2_000)));
    }

    void start() {
        schedulers.forEach(SimScheduler::start);
        machines.forEach(SimMachine::boot);
    }

    Timeline timeline() {
        return timeline;
    }

    History history() {
        return history;
    }

    SimEtcd etcd() {
        return etcd;
    }

    Network network() {
        return network;
    }

    Interference interference() {
        return interference;
    }

    List<SimMachine> machines() {
        return machines;
    }

    List<SimScheduler> schedulers() {
        return schedulers;
    }

    SimProcess process(String name, SimClocks clocks) {
        return new SimProcess(name, timeline, clocks, random.split(), (thread, bug) ->
                history.breach("a bug ends " + thread.getName() + ": " + bug + " at " + bug.getStackTrace()[0]));
    }

    /// Everything is well again, for good.
    void heal() {
        if (etcd.isAway()) {
            etcd.comeBack();
        }
        network.calm();
        machines.forEach(machine -> mend(machine.place()));
        schedulers.forEach(scheduler -> mend(scheduler.place()));
        schedulers.forEach(scheduler -> scheduler.process().ifPresent(SimProcess::resume));
        schedulers.forEach(SimScheduler::start);
        for (var machine : machines) {
            machine.systemd().full(false);
            machine.agent().ifPresent(SimProcess::resume);
            machine.boot();
            machine.startAgent();
        }
    }

    void run(Act act) {
        history.acted(act);
        switch (act) {
            case Act.Apply apply -> apply(apply);
            case Act.Destroy(int by, var unit) -> scheduler(by).call("destroy", service ->
                    service.destroy(DestroyRequest.newBuilder().addNames(unit.full()).build(), new Nobody<>()));
            case Act.Policy policy -> setPolicy(policy);
            case Act.ReleaseValve(int by) -> scheduler(by).call("release the valve", service ->
                    service.releaseValve(ReleaseValveRequest.getDefaultInstance(), new Nobody<>()));
            case Act.Nothing _ -> {}
            case Act.Metadata(int machine, var disk) ->
                machine(machine).metadata(ImmutableSortedMap.of("disk", disk));
            case Act.MachineDies(int number, var lasting) -> {
                machine(number).die();
                after(lasting, machine(number)::boot);
            }
            case Act.MachineIsGone(int number) -> machine(number).vanish();
            case Act.Lease(int number, var ttl) -> machine(number).ttl(ttl);
            case Act.AgentDies(int number, var lasting) -> {
                machine(number).killAgent();
                after(lasting, machine(number)::startAgent);
            }
            case Act.AgentHandsOver(int number, var lasting) -> {
                machine(number).handOver();
                after(lasting, () -> {
                    machine(number).killAgent();
                    machine(number).startAgent();
                });
            }
            case Act.AgentGivesWay(int number, var lasting) -> {
                machine(number).giveWay();
                after(lasting, () -> {
                    machine(number).killAgent();
                    machine(number).startAgent();
                });
            }
            case Act.AgentPauses(int number, var lasting) -> pause(machine(number).agent(), lasting);
            case Act.DiskFull(int number, var lasting) -> {
                machine(number).systemd().full(true);
                after(lasting, () -> machine(number).systemd().full(false));
            }
            case Act.ClockSet(var place, var by) -> {
                machine(place).ifPresent(machine -> machine.stepClock(by));
                scheduler(place).ifPresent(scheduler -> scheduler.stepClock(by));
            }
            case Act.SchedulerDies(int number, var lasting) -> {
                scheduler(number).kill();
                after(lasting, scheduler(number)::start);
            }
            case Act.SchedulerPauses(int number, var lasting) -> pause(scheduler(number).process(), lasting);
            case Act.EtcdAway(var lasting) -> {
                etcd.goAway();
                after(lasting, etcd::comeBack);
            }
            case Act.EtcdChangesLeader(var misled, var moment) -> etcd.changeLeader(misled, moment);
            case Act.EtcdCompacts(int keep) -> etcd.state().compact(Math.max(1, etcd.state().revision() - keep));
            case Act.Cut(var places, boolean requests, boolean answers, var lasting) -> {
                places.forEach(place -> network.cut(place, requests, answers));
                after(lasting, () -> places.forEach(this::mend));
            }
            case Act.Slow(var place, int times, var lasting) -> {
                network.slow(place, times);
                after(lasting, () -> network.slow(place, 1));
            }
            case Act.WatchesBreak(var place) -> client(place).ifPresent(SimClient::breakWatches);
            case Act.WatchesFallSilent(var place) -> client(place).ifPresent(SimClient::silenceWatches);
        }
    }

    private void apply(Act.Apply apply) {
        var intent = UnitIntent.newBuilder()
                .setName(apply.unit().full())
                .setFile(apply.text().bytes())
                .setReplace(true)
                .setDesired(Records.of(apply.desired()))
                .setRestart(apply.restart())
                .build();
        scheduler(apply.scheduler()).call("apply", service ->
                service.apply(ApplyRequest.newBuilder().addUnits(intent).build(), new Nobody<>()));
    }

    private void setPolicy(Act.Policy policy) {
        var request = SetPolicyRequest.newBuilder()
                .addMachineIds(SimMachine.id(policy.machine()).value())
                .setCordoned(policy.policing() == Act.Policing.CORDONED)
                .setDraining(policy.policing() == Act.Policing.DRAINING);
        if (policy.disk().isEmpty()) {
            request.addResetMetadata("disk");
        } else {
            request.putSetMetadata("disk", policy.disk());
        }
        scheduler(policy.scheduler())
                .call("policy", service -> service.setPolicy(request.build(), new Nobody<>()));
    }

    /// The connections that lasted through a cut may have been given up meanwhile, on either side.
    private void mend(String place) {
        network.slow(place, 1);
        if (network.isCut(place)) {
            network.mend(place);
            if (random.nextBoolean()) {
                client(place).ifPresent(SimClient::breakWatches);
            }
        }
    }

    private void pause(Optional<SimProcess> process, Duration lasting) {
        process.ifPresent(SimProcess::pause);
        process.ifPresent(paused -> after(lasting, paused::resume));
    }

    private void after(Duration time, Runnable task) {
        timeline.after(time, task);
    }

    private Optional<SimClient> client(String place) {
        return machine(place)
                .flatMap(SimMachine::client)
                .or(() -> scheduler(place).flatMap(SimScheduler::client));
    }

    /// Empty if that is not a machine's place.
    Optional<SimMachine> machine(String place) {
        return machines.stream().filter(machine -> machine.place().equals(place)).findFirst();
    }

    /// Empty if that is not a scheduler's place.
    Optional<SimScheduler> scheduler(String place) {
        return schedulers.stream().filter(scheduler -> scheduler.place().equals(place)).findFirst();
    }

    SimMachine machine(int number) {
        return machines.get(number - 1);
    }

    SimScheduler scheduler(int number) {
        return schedulers.get(number - 1);
    }

    /// Whoever asked does not care for the answer.
    private static final class Nobody<T> implements StreamObserver<T> {
        @Override
        public void onNext(T value) {}

        @Override
        public void onError(Throwable refusal) {}

        @Override
        public void onCompleted() {}
    }
}
