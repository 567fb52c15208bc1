package io.flota.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitDetails.Member;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.process.Traffic;
import io.flota.agent.steps.Guard;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.AgentGrpc.AgentBlockingStub;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.UnitUsage;
import io.flota.api.v1.UsageRequest;
import io.flota.daemon.ListenAddress;
import io.flota.machine.MachineId;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JournalServiceTest {
    private static final MachineId HERE = new MachineId("0123456789abcdef0123456789abcdef");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ChattyRuntime runtime = new ChattyRuntime();
    private final AgentListener listener = listener(runtime);
    private final ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", listener.port())
            .usePlaintext()
            .build();
    private final AgentBlockingStub agent = AgentGrpc.newBlockingStub(channel);

    @AfterEach
    void close() {
        channel.shutdownNow();
        listener.close();
    }

    @Test
    void theLastLinesComeWithTheirMachine() {
        var reply = agent.journal(request("web@1.service", 2, false)).next();

        assertThat(reply.getMachineId()).isEqualTo(HERE.value());
        assertThat(reply.getLinesList().stream().map(line -> line.getProcess() + " " + line.getText()))
                .containsExactly("web[7] line 0", "web[7] line 1");
        assertThat(reply.getLines(0).getTimeMicros()).isEqualTo(1_500_000);
    }

    @Test
    void whatTheUnitConsistsOfComesFirstIfItIsAskedFor() {
        var replies = agent.journal(request("web@1.service", 1, false).toBuilder().setDetails(true).build());

        var first = replies.next();
        assertThat(first.getMachineId()).isEqualTo(HERE.value());
        assertThat(first.getDetails().getProcesses(0).getPid()).isEqualTo(7);
        assertThat(first.getDetails().getProcesses(0).getCommand()).isEqualTo("web --serve");
        assertThat(first.getDetails().getMemoryBytes()).isEqualTo(4096);
        assertThat(first.getDetails().hasMemoryMaxBytes()).isFalse();
        assertThat(replies.next().getLinesCount()).isEqualTo(1);
    }

    @Test
    void whatManyUnitsUseIsToldAtOnceAndThoseThatAreNotHereAreLeftOut() {
        var told = agent.usage(UsageRequest.newBuilder()
                .addNames("web@1.service")
                .addNames("other.service")
                .addNames("no name")
                .addNames("web@2.service")
                .build());

        assertThat(told.getUnitsList()).extracting(UnitUsage::getUnit).containsExactly("web@1.service", "web@2.service");
        assertThat(told.getUnits(0).getDetails().getCpuNanos()).isEqualTo(5);
        assertThat(told.getUnits(0).getDetails().getReceivedBytes()).isEqualTo(70);
        assertThat(told.getUnits(0).getDetails().getSentBytes()).isEqualTo(80);
        assertThat(told.getUnits(0).getDetails().getProcessesCount()).isZero();
        assertThat(told.getUnits(1).getAtNanos()).isGreaterThanOrEqualTo(told.getUnits(0).getAtNanos());
    }

    @Test
    void nothingMoreIsLookedUpForAClientThatHasLeft() throws Exception {
        var request = UsageRequest.newBuilder().addNames("slow.service").addNames("web@1.service").build();
        var answer = AgentGrpc.newFutureStub(channel).usage(request);
        assertThat(runtime.slow.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();

        answer.cancel(true);

        assertThat(runtime.worker.join(LIMIT)).as("the call has ended").isTrue();
        assertThat(runtime.detailed).containsExactly("slow.service");
    }

    @Test
    void aFollowedJournalEndsWhenTheClientLeaves() throws Exception {
        var context = Context.current().withCancellation();
        Iterator<JournalReply> replies = context.wrap(() -> agent.journal(request("web@1.service", 1, true)))
                .call();
        assertThat(replies.next().getLinesCount()).isEqualTo(1);
        await().atMost(LIMIT).until(() -> runtime.followers.get() == 1);

        context.cancel(null);

        await().atMost(LIMIT).until(() -> runtime.followers.get() == 0);
    }

    @Test
    void anUnknownUnitIsNotFoundAndABadNameIsRefused() {
        assertFails("other.service", Status.Code.NOT_FOUND, "unit other.service is not on machine 01234567");
        assertFails("no name", Status.Code.INVALID_ARGUMENT, "must contain");
        assertFails("away.service", Status.Code.UNAVAILABLE, "the runtime is away");
    }

    private void assertFails(String unit, Status.Code code, String message) {
        assertThatThrownBy(() -> agent.journal(request(unit, 1, false)).hasNext())
                .isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
                    assertThat(e.getStatus().getCode()).isEqualTo(code);
                    assertThat(e.getStatus().getDescription()).contains(message);
                });
    }

    private static JournalRequest request(String unit, int lines, boolean follow) {
        return JournalRequest.newBuilder().setUnit(unit).setLines(lines).setFollow(follow).build();
    }

    private static AgentListener listener(UnitRuntime runtime) {
        try {
            return new AgentListener(
                    new ListenAddress("127.0.0.1", 0), Optional.empty(), new AgentService(HERE, runtime, true));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Has a journal, and units of which one is known only once nobody asks for it any more.
    private static final class ChattyRuntime implements UnitRuntime {
        final AtomicInteger followers = new AtomicInteger();
        final List<String> detailed = new CopyOnWriteArrayList<>();
        /// Has a permit once somebody waits for a slow unit, and who does.
        final Semaphore slow = new Semaphore(0);
        volatile Thread worker = Thread.currentThread();

        @Override
        public Optional<String> reload(UnitName unit) {
            return Optional.empty();
        }

        @Override
        public Optional<String> signal(UnitName unit, Signal signal) {
            return Optional.empty();
        }

        @Override
        public boolean journal(UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink)
                throws RuntimeUnavailableException, InterruptedException {
            if (unit.prefix().equals("away")) {
                throw new RuntimeUnavailableException("the runtime is away", new IllegalStateException());
            }
            if (!unit.prefix().equals("web")) {
                return false;
            }
            var all = ImmutableList.<JournalLine>builder();
            for (int i = 0; i < part.lines(); i++) {
                all.add(new JournalLine(Instant.ofEpochMilli(1500), unit, "web[7]", "line " + i));
            }
            sink.accept(all.build());
            if (part.follow()) {
                followers.incrementAndGet();
                try {
                    new Semaphore(0).acquire(); // until interrupted
                } finally {
                    followers.decrementAndGet();
                }
            }
            return true;
        }

        @Override
        public ImmutableSortedMap<UnitName, UnitState> observe() {
            return ImmutableSortedMap.of();
        }

        @Override
        public void load(Collection<UnitToLoad> units) {}

        @Override
        public Optional<UnitDetails> details(UnitName unit) {
            detailed.add(unit.full());
            if (unit.prefix().equals("slow")) {
                var call = Context.current();
                worker = Thread.currentThread();
                slow.release();
                await().atMost(LIMIT).until(call::isCancelled);
            }
            return unit.prefix().equals("web")
                    ? Optional.of(new UnitDetails(
                            Optional.of("/web"), ImmutableList.of(new Member(7, "web --serve")), Optional.of(4096L),
                            Optional.empty(), Optional.of(5L), Optional.of(1L), Optional.of(9L),
                            Optional.of(new Traffic(70, 80)), Optional.empty()))
                    : Optional.empty();
        }

        @Override
        public void setProperties(ImmutableSortedMap<UnitName, UnitProperties> properties) {}

        @Override
        public ImmutableSortedMap<UnitName, UnitProperties> properties() {
            return ImmutableSortedMap.of();
        }

        @Override
        public void start(Collection<UnitToStart> units) {}

        @Override
        public void stop(Collection<UnitName> units) {}

        @Override
        public void unload(Collection<UnitName> units) {}

        @Override
        public void guard(Collection<Guard> guards) {}

        @Override
        public ImmutableSortedMap<UnitName, Standing> guards() {
            return ImmutableSortedMap.of();
        }

        @Override
        public void onChange(Runnable signal) {}

        @Override
        public void close() {}
    }
}
