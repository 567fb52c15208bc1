package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.start;
import static io.flota.scheduler.TestCluster.submit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.GetUnitFileRequest;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.api.v1.UnitIntent;
import io.flota.scheduler.api.CarrierClient;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Goal: whatever is wrong with a call is told in clear lines, and the cluster stays as it is. Method: calls made wrong
/// in one of many ways, by chance from a seed, by both carriers.
class MalformedCallsTest {
    private static final int CALLS = 200;
    private static final long SEED = Long.getLong("seed", 20_261_121);
    private static final Set<Code> REFUSALS =
            Set.of(Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.FAILED_PRECONDITION, Code.UNIMPLEMENTED);
    private static final String[] WEB = {"[Service]", "ExecStart=/bin/true"};
    private static final List<String> BAD_NAMES = List.of(
            "", " ", "web", "web.", ".service.", "@.service", "@1.service", "web.exe", "we b.service", "web\n.service",
            "web\u0000.service", "../../etc/passwd.service", "wéb.service", "x".repeat(400) + ".service",
            "web@1.mount", "/flota/v1/leader.service", "\u001b[31mred.service");
    private static final List<String> BAD_FILES = List.of(
            "[Service\nExecStart=/bin/true\n",
            "ExecStart=/bin/true\n",
            "[Service]\nExecStart\n",
            "[Service]\n=value\n",
            "[]\nA=b\n",
            "[X-Fleet]\nConflicts=web@[\n",
            "[X-Fleet]\nGlobal=maybe\n",
            "[X-Fleet]\nMachineMetadata=novalue\n",
            "[X-Fleet]\nMachineOf=not a unit\n",
            "[X-Fleet]\nMachineID=1\nGlobal=true\n",
            "[Service]\nA=\u0000\n");

    private final TestCluster cluster = new TestCluster();
    private Api grpc;
    private CarrierClient lean;

    @BeforeEach
    void lead() {
        var scheduler = cluster.scheduler("one");
        grpc = cluster.grpc(scheduler);
        lean = new CarrierClient(scheduler.port());
        await().ignoreExceptions().until(() -> grpc.list().getFreshness().getStaleSinceMillis() == 0);
        grpc.apply(submit("web@.service", WEB), start("good.service", WEB));
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void twoHundredMalformedCallsAreRefusedInClearLinesAndChangeNothing() {
        var before = untimed(grpc.list());
        var random = new SplittableRandom(SEED);

        for (int i = 0; i < CALLS; i++) {
            var call = call(random);
            var refusal = catchThrowableOfType(StatusRuntimeException.class, call::get);

            assertThat(refusal).as("seed %d, call %d is answered: %s", SEED, i, call).isNotNull();
            checkRefusal(refusal.getStatus(), "seed %d, call %d: %s".formatted(SEED, i, call));
        }

        assertThat(untimed(grpc.list())).isEqualTo(before);
    }

    private static ListUnitsReply untimed(ListUnitsReply reply) {
        return reply.toBuilder().clearFreshness().build();
    }

    private static void checkRefusal(Status status, String call) {
        assertThat(status.getCode()).as("%s -> %s", call, status).isIn(REFUSALS);
        assertThat(status.getDescription()).as(call).isNotBlank();
        assertThat(status.getDescription().lines()).as(call).allSatisfy(line -> assertThat(line)
                .hasSizeBetween(10, 1000)
                .doesNotContain("Exception")
                .matches(text -> text.codePoints().noneMatch(Character::isISOControl), "is printable"));
    }

    /// A call that cannot be right.
    private record Call(String words, Supplier<Object> made) implements Supplier<Object> {
        @Override
        public Object get() {
            return made.get();
        }

        @Override
        public String toString() {
            return words;
        }
    }

    private Call call(SplittableRandom random) {
        return switch (random.nextInt(11)) {
            case 0 -> apply(random, submit(pick(random, BAD_NAMES), WEB));
            case 1 -> apply(random, submit("new" + random.nextInt(9) + ".service", pick(random, BAD_FILES)));
            case 2 -> apply(random, start("unknown" + random.nextInt(9) + ".service"));
            case 3 -> apply(random, start("web@.service"));
            case 4 -> apply(random, submit("good.service", "[Service]", "ExecStart=/bin/" + random.nextInt(9)));
            case 5 -> {
                int desired = pick(random, List.of(0, -1, 4, 99));
                yield apply(random, submit("new.service", WEB).toBuilder().setDesiredValue(desired).build());
            }
            case 6 -> apply(random, submit("new.service", WEB), submit("new.service", WEB));
            case 7 -> ask(random, ClusterGrpc.getDestroyMethod(), DestroyRequest.newBuilder()
                    .addNames("good.service")
                    .addNames(random.nextBoolean() ? "unknown.service" : pick(random, BAD_NAMES))
                    .build());
            case 8 -> reading(random);
            case 9 -> policy(random);
            default -> garbage(random);
        };
    }

    /// Sound units beside the wrong one must not be written either.
    private Call apply(SplittableRandom random, UnitIntent... wrong) {
        var request = ApplyRequest.newBuilder();
        if (random.nextBoolean()) {
            request.addUnits(submit("sound" + random.nextInt(9) + ".service", WEB));
        }
        request.addAllUnits(List.of(wrong));
        if (random.nextBoolean()) {
            request.addUnits(start("web@" + random.nextInt(1, 9) + ".service"));
        }
        return ask(random, ClusterGrpc.getApplyMethod(), request.build());
    }

    private Call policy(SplittableRandom random) {
        var request = SetPolicyRequest.newBuilder().setCordoned(true);
        switch (random.nextInt(3)) {
            case 0 -> request.addMachineIds(pick(random, List.of("", "f", "x y", "\u001b[31m")));
            case 1 -> request.addMachineIds("f").putSetMetadata(pick(random, List.of("", "a=b", "\n")), "value");
            default -> request.putSetMetadata("key", "a\nb");
        }
        return ask(random, ClusterGrpc.getSetPolicyMethod(), request.build());
    }

    private Call reading(SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> ask(random, ClusterGrpc.getGetUnitFileMethod(), GetUnitFileRequest.newBuilder()
                    .setName(pick(random, BAD_NAMES))
                    .build());
            case 1 -> ask(random, ClusterGrpc.getListUnitsMethod(), ListUnitsRequest.newBuilder()
                    .addPatterns(pick(random, List.of("[", "web@[", "[]", "a\\")))
                    .build());
            default -> {
                var request = JournalRequest.newBuilder().setUnit(pick(random, BAD_NAMES)).build().toByteString();
                yield raw("flota.v1.Cluster/Journal", request);
            }
        };
    }

    private Call garbage(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(1, 200)];
        random.nextBytes(bytes);
        bytes[0] = (byte) 0xff; // no message begins with it and goes on like this
        bytes[bytes.length - 1] = (byte) 0xff;
        var method = pick(random, List.of("Apply", "SetPolicy", "Destroy", "ListUnits", "WatchUnits", "Journal", "NoSuchMethod"));
        var request = ByteString.copyFrom(bytes);
        return random.nextBoolean() ? raw("flota.v1.Cluster/" + method, request) : rawByGrpc(method, request);
    }

    private Call raw(String method, ByteString request) {
        return new Call("lean " + method + " " + request, () -> {
            lean.stream(method, request, MalformedCallsTest::unexpected);
            return "answered";
        });
    }

    private Call rawByGrpc(String method, ByteString request) {
        var descriptor = MethodDescriptor.newBuilder(BYTES, BYTES)
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("flota.v1.Cluster/" + method)
                .build();
        return new Call("grpc " + method + " " + request, () -> grpc.ask(descriptor, request));
    }

    private static final MethodDescriptor.Marshaller<ByteString> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(ByteString bytes) {
            return bytes.newInput();
        }

        @Override
        public ByteString parse(InputStream stream) {
            try {
                return ByteString.readFrom(stream);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static void unexpected(ByteString reply) throws IOException {
        throw new IOException("a reply came: " + reply);
    }

    private <Q extends com.google.protobuf.Message, R> Call ask(
            SplittableRandom random, MethodDescriptor<Q, R> method, Q request) {
        return random.nextBoolean()
                ? new Call("grpc " + request, () -> grpc.ask(method, request))
                : new Call("lean " + request, () -> new Api.Lean(lean).ask(method, request));
    }

    private static <T> T pick(SplittableRandom random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
