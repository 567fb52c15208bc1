package io.flota.scheduler.api;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Asks machines what their units use, for one client. A machine that takes long is not asked again meanwhile, which
/// would make it slower yet; its answer is told when it comes. Not for several threads at once.
final class UsageCalls implements AutoCloseable {
    /// A machine that takes longer holds up the others no longer.
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    /// What is told after that long is of no use any more: the machine gives it up, and is asked anew.
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /// @param atNanos when it was asked
    private record Call(Future<UsageReply> answer, long atNanos) {}

    private final AgentChannels channels;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final TreeMap<MachineId, Call> underWay = new TreeMap<>();

    UsageCalls(Agents agents) {
        this.channels = new AgentChannels(agents);
    }

    /// What each machine answers; what cannot be asked, or has not answered yet, is a problem of its answer.
    TreeMap<MachineId, UsageReply> ask(
            SortedMap<MachineId, UsageRequest.Builder> questions, ImmutableSortedMap<MachineId, Machine> machines)
            throws InterruptedException {
        underWay.entrySet().removeIf(it -> it.getValue().answer().isDone() && !questions.containsKey(it.getKey()));
        questions.forEach((id, question) -> underWay.computeIfAbsent(
                id, _ -> new Call(threads.submit(() -> ask(id, machines, question.build())), System.nanoTime())));
        var answers = new TreeMap<MachineId, UsageReply>();
        for (var id : questions.keySet()) {
            answers.put(id, answer(id));
        }
        return answers;
    }

    private UsageReply answer(MachineId id) throws InterruptedException {
        var call = underWay.get(id);
        long waited = System.nanoTime() - call.atNanos();
        try {
            var answer = call.answer().get(Math.max(0, PATIENCE.toNanos() - waited), TimeUnit.NANOSECONDS);
            underWay.remove(id);
            return answer;
        } catch (TimeoutException _) {
            return problem("machine " + id.shortened() + " has not answered within " + PATIENCE.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a bug in asking what units use", e.getCause());
        }
    }

    private UsageReply ask(MachineId id, ImmutableSortedMap<MachineId, Machine> machines, UsageRequest question) {
        var machine = machines.get(id);
        if (machine == null) {
            return problem("machine " + id.shortened() + " is away");
        }
        if (machine.agentAddress().isEmpty()) {
            return problem("the agent of machine " + id.shortened() + " cannot be asked: it has no --listen");
        }
        var where = new Agents.Place(id, machine.agentAddress());
        try {
            return AgentGrpc.newBlockingStub(channels.to(machine.agentAddress()))
                    .withDeadlineAfter(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .usage(question);
        } catch (StatusRuntimeException e) {
            return problem(switch (e.getStatus().getCode()) {
                case UNIMPLEMENTED -> where + " is of an older version, which cannot tell what units use";
                case DEADLINE_EXCEEDED -> where + " has not answered within " + LIMIT.toSeconds() + " s";
                default -> "cannot ask " + where + ": " + Agents.reason(e.getStatus());
            });
        }
    }

    private static UsageReply problem(String line) {
        return UsageReply.newBuilder().addProblems(line).build();
    }

    @Override
    public void close() {
        channels.close(); // which ends the calls
        threads.close();
    }
}
