package io.flota.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.runtime.exec.ExecRuntime;
import io.flota.agent.runtime.exec.ExecSettings;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.ExecCommand;
import io.flota.api.v1.ExecReply;
import io.flota.api.v1.ExecRequest;
import io.flota.api.v1.ExecStart;
import io.flota.api.v1.TerminalSize;
import io.flota.daemon.ListenAddress;
import io.flota.machine.MachineId;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a client of an agent sees that does something inside a unit. Under it is the exec runtime.
class ExecServiceTest {
    private static final MachineId HERE = new MachineId(UUID.randomUUID().toString().replace("-", ""));
    private static final UnitName WEB = new UnitName("web@1.service");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();
    private UnitRuntime runtime;

    @BeforeEach
    void run() throws Exception {
        runtime = ExecRuntime.start(
                ExecSettings.of(folder, HERE.value(), "a", "192.0.2.7", "10.0.0.7", Optional.empty()));
        open.push(runtime);
        open.push(() -> {
            runtime.unload(List.of(WEB));
            await().atMost(LIMIT).until(() -> runtime.observe().isEmpty());
        });
        var file = UnitFile.parse("web", ByteString.copyFromUtf8("[Service]\nExecStart=/bin/sleep 1000\n"));
        runtime.load(List.of(new UnitToLoad(WEB, file)));
        runtime.start(List.of(new UnitToStart(WEB, 1)));
        await().atMost(LIMIT).until(() -> runtime.observe().get(WEB).sub().equals("running"));
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    /// One that says what a test says, and remembers what it hears.
    private static final class Client implements StreamObserver<ExecReply> {
        final CopyOnWriteArrayList<ExecReply> heard = new CopyOnWriteArrayList<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();
        StreamObserver<ExecRequest> requests;

        @Override
        public void onNext(ExecReply reply) {
            heard.add(reply);
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        void say(ExecRequest.Builder request) {
            requests.onNext(request.build());
        }

        Status end() throws Exception {
            return end.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }

        String output() {
            return heard.stream().map(reply -> reply.getOutput().toStringUtf8()).reduce("", String::concat);
        }

        long granted() {
            return heard.stream().mapToLong(ExecReply::getGrant).sum();
        }
    }

    private Client client(boolean exec) throws Exception {
        var listener = new AgentListener(
                new ListenAddress("127.0.0.1", 0), Optional.empty(), new AgentService(HERE, runtime, exec));
        open.push(listener);
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", listener.port()).usePlaintext().build();
        open.push(channel::shutdownNow);
        var client = new Client();
        client.requests = AgentGrpc.newStub(channel).exec(client);
        return client;
    }

    private Client client(String... words) throws Exception {
        var client = client(true);
        client.say(start(words));
        return client;
    }

    private static ExecRequest.Builder start(String... words) {
        return ExecRequest.newBuilder()
                .setStart(ExecStart.newBuilder()
                        .setUnit(WEB.full())
                        .setCommand(ExecCommand.newBuilder().addAllWords(List.of(words))));
    }

    @Test
    void noMoreIsSentThanWasGranted() throws Exception {
        var client = client("sh", "-c", "echo 123456789; sleep 1000");

        client.say(ExecRequest.newBuilder().setGrant(4));
        await().atMost(LIMIT).until(() -> client.output().length() >= 4);
        client.say(ExecRequest.newBuilder()); // is answered after whatever would have been sent by then
        await().atMost(LIMIT).until(() -> client.heard.contains(ExecReply.getDefaultInstance()));
        assertThat(client.output()).isEqualTo("1234");

        client.say(ExecRequest.newBuilder().setGrant(100));
        await().atMost(LIMIT).until(() -> client.output().equals("123456789\n"));
        client.requests.onError(new InterruptedException());
    }

    @Test
    void moreInputThanWasGrantedIsRefused() throws Exception {
        var client = client("sleep", "1000");
        await().atMost(LIMIT).until(() -> client.granted() > 0);

        var input = ByteString.copyFrom(new byte[Math.toIntExact(client.granted())]);
        client.say(ExecRequest.newBuilder().setInput(input));
        client.say(ExecRequest.newBuilder().setInput(input));

        assertThat(client.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(client.end().getDescription()).isEqualTo("more input came than was granted");
        untilNobodyIsInside();
    }

    @Test
    void inputIsGrantedAnewAsItIsRead() throws Exception {
        var client = client("cat");
        client.say(ExecRequest.newBuilder().setGrant(1000));
        await().atMost(LIMIT).until(() -> client.granted() > 0);
        long before = client.granted();

        client.say(ExecRequest.newBuilder().setInput(ByteString.copyFromUtf8("hello")));
        await().atMost(LIMIT).until(() -> client.output().equals("hello") && client.granted() == before + 5);
        client.say(ExecRequest.newBuilder().setInputEnd(true));

        assertThat(client.end().isOk()).isTrue();
        assertThat(client.heard.getLast().hasEnd()).isTrue();
    }

    @Test
    void whoeverLeavesLeavesNothingBehind() throws Exception {
        var client = client("sleep", "1000");
        await().atMost(LIMIT).until(() -> inside() == 2);

        client.requests.onError(new InterruptedException("enough"));

        untilNobodyIsInside();
    }

    private int inside() throws Exception {
        return runtime.details(WEB).orElseThrow().processes().size();
    }

    private void untilNobodyIsInside() {
        await().atMost(LIMIT).until(() -> inside() == 1);
    }

    @Test
    void aProgramThatCannotBeRunEndsAsInAShell() throws Exception {
        var missing = client("nosuch");
        assertThat(missing.end().isOk()).isTrue();
        assertThat(missing.heard.getLast().getEnd().getStatus()).isEqualTo(127);
        assertThat(missing.heard.getLast().getEnd().getProblem()).startsWith("there is no program nosuch in unit web@1");

        var plain = client("/etc/passwd");
        assertThat(plain.end().isOk()).isTrue();
        assertThat(plain.heard.getLast().getEnd().getStatus()).isEqualTo(126);
    }

    @Test
    void whatIsWrongIsRefusedInOneLine() throws Exception {
        assertRefused(client(false), start("true"), Status.Code.PERMISSION_DENIED, "was started with --no-exec");
        assertRefused(client(true), start(), Status.Code.INVALID_ARGUMENT, "no program is named");
        assertRefused(client(true), start("a\0b"), Status.Code.INVALID_ARGUMENT, "a NUL is in no word");
        assertRefused(
                client(true), ExecRequest.newBuilder().setGrant(1), Status.Code.INVALID_ARGUMENT, "a start comes first");
        var other = start("true");
        other.getStartBuilder().setUnit("other.service");
        assertRefused(client(true), other, Status.Code.NOT_FOUND, "unit other.service is not on this machine (machine ");
        var nameless = start("true");
        nameless.getStartBuilder().setUnit("no name");
        assertRefused(client(true), nameless, Status.Code.INVALID_ARGUMENT, "must contain");
        var wide = start("true");
        wide.getStartBuilder().getCommandBuilder().setTerminal(TerminalSize.newBuilder().setColumns(100_000));
        assertRefused(client(true), wide, Status.Code.INVALID_ARGUMENT, "no terminal has 100000 columns");
        var missing = ExecRequest.newBuilder();
        missing.getStartBuilder().setUnit(WEB.full()).setRead("/nosuch");
        assertRefused(client(true), missing, Status.Code.NOT_FOUND, "there is no /nosuch in unit web@1.service");
    }

    private static void assertRefused(Client client, ExecRequest.Builder request, Status.Code code, String words)
            throws Exception {
        client.say(request);
        assertThat(client.end().getDescription()).contains(words);
        assertThat(client.end().getDescription().lines()).hasSize(1);
        assertThat(client.end().getCode()).isEqualTo(code);
    }
}
