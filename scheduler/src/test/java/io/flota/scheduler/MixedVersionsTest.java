package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.KEYS;
import static io.flota.scheduler.TestCluster.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.FailuresRecord;
import io.flota.api.v1.PlacementRecord;
import io.flota.api.v1.PolicyRecord;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.api.v1.UnitIntent;
import io.flota.api.v1.UnitRecord;
import io.flota.store.Entry;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Put;
import io.flota.store.Transaction.Unchanged;
import io.flota.unit.UnitName;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Values that a newer version wrote, in the hands of this one.
class MixedVersionsTest {
    private static final String[] WEB = {"[Service]", "ExecStart=/bin/true"};
    private static final UnitName UNIT = new UnitName("web.service");
    /// A field that no message of this version has.
    private static final UnknownFieldSet NEWER = UnknownFieldSet.newBuilder()
            .addField(1000, Field.newBuilder().addLengthDelimited(ByteString.copyFromUtf8("from the future")).build())
            .build();

    private final TestCluster cluster = new TestCluster();
    private final Store store = cluster.store();
    private Api api;
    private FakeAgent machine;

    @BeforeEach
    void aUnitThatRuns() {
        machine = cluster.machine(1);
        api = cluster.grpc(cluster.scheduler("one"));
        await().ignoreExceptions().until(() -> api.apply(start(UNIT.full(), WEB)).getRevision() > 0);
        await().until(() -> placement().isPresent());
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aUnitAndItsPlacementKeepWhatIsNotKnownWhenTheyAreChanged() throws Exception {
        add(KEYS.unit(UNIT));
        add(KEYS.placement(machine.id(), UNIT));

        api.apply(wanted(DesiredState.DESIRED_STATE_LOADED));

        await().until(() -> placement().orElseThrow().getTarget() == DesiredState.DESIRED_STATE_LOADED);
        assertThat(placement().orElseThrow().getUnknownFields()).isEqualTo(NEWER);
        var unit = UnitRecord.parseFrom(entry(KEYS.unit(UNIT)).orElseThrow().value());
        assertThat(unit.getDesired()).isEqualTo(DesiredState.DESIRED_STATE_LOADED);
        assertThat(unit.getUnknownFields()).isEqualTo(NEWER);
    }

    @Test
    void aPlacementKeepsThemWhenItIsReleased() throws Exception {
        var alone = new UnitName("alone.service");
        var key = KEYS.placement(machine.id(), alone);
        api.apply(start(alone.full(), "[Service]", "ExecStart=/bin/true", "[X-Flota]", "Exclusive=true"));
        await().until(() -> api.unit(alone.full()).getMachinesList().stream()
                .anyMatch(there -> there.getState().getActive().equals("active")));
        add(key);
        machine.close(); // or it would be released and gone in one moment

        api.apply(UnitIntent.newBuilder()
                .setName(alone.full())
                .setDesired(DesiredState.DESIRED_STATE_INACTIVE)
                .build());

        await().until(() -> PlacementRecord.parseFrom(entry(key).orElseThrow().value()).getTarget()
                == DesiredState.DESIRED_STATE_INACTIVE);
        assertThat(PlacementRecord.parseFrom(entry(key).orElseThrow().value()).getUnknownFields())
                .isEqualTo(NEWER);
    }

    @Test
    void aPolicyKeepsThemAndStaysForTheirSake() throws Exception {
        api.ask(ClusterGrpc.getSetPolicyMethod(), policy().setCordoned(true).build());
        add(KEYS.policy(machine.id()));

        api.ask(ClusterGrpc.getSetPolicyMethod(), policy().putSetMetadata("disk", "ssd").build());
        assertThat(policyRecord().getUnknownFields()).isEqualTo(NEWER);
        api.ask(ClusterGrpc.getSetPolicyMethod(), policy().setCordoned(false).addResetMetadata("disk").build());

        assertThat(policyRecord()).isEqualTo(PolicyRecord.newBuilder().setUnknownFields(NEWER).build());
    }

    @Test
    void failuresKeepThemWhenTheNextOneIsCounted() throws Exception {
        var bad = new UnitName("bad.service");
        var key = KEYS.failures(machine.id(), bad);
        api.apply(start(bad.full(), "[Service]", "ExecStart=/bin/false", "Restart=always"));
        await().until(() -> entry(key).isPresent());
        add(key);
        int counted = FailuresRecord.parseFrom(entry(key).orElseThrow().value()).getCount();

        // It is the only machine, and avoided for ten seconds and more.
        await().atMost(Duration.ofMinutes(1))
                .until(() -> FailuresRecord.parseFrom(entry(key).orElseThrow().value()).getCount() > counted);

        assertThat(FailuresRecord.parseFrom(entry(key).orElseThrow().value()).getUnknownFields()).isEqualTo(NEWER);
    }

    @Test
    void aUnitOfWhichSomethingUnknownIsWantedIsLeftAloneByOldLeadersAndNewAndSaysSo() throws Exception {
        var before = placement().orElseThrow();
        var unit = UnitRecord.parseFrom(entry(KEYS.unit(UNIT)).orElseThrow().value());

        write(KEYS.unit(UNIT), unit.toBuilder().setDesiredValue(77).build().toByteString());

        await().until(() -> api.unit(UNIT.full()).getRefusalsList().stream()
                .anyMatch(refusal -> refusal.getReason().contains("a newer version asks for something")));
        var two = cluster.grpc(cluster.scheduler("two"));
        store.commit(Transaction.of(List.of(), List.of(new Transaction.Delete(KEYS.leader()))));
        api.apply(start("other.service", WEB)); // whose placement shows that a leader has looked at all of them
        await().until(() -> entry(KEYS.placement(machine.id(), new UnitName("other.service"))).isPresent());
        assertThat(placement()).contains(before);
        assertThat(two.unit(UNIT.full()).getRefusalsCount()).isEqualTo(1);
    }

    @Test
    void whatIsUnknownIsNotOverwrittenByAChangeOfSomethingElseButByAnExplicitWish() throws Exception {
        var unit = UnitRecord.parseFrom(entry(KEYS.unit(UNIT)).orElseThrow().value());
        write(KEYS.unit(UNIT), unit.toBuilder().setDesiredValue(77).build().toByteString());
        await().until(() -> api.unit(UNIT.full()).getRefusalsCount() == 1);

        var restart = UnitIntent.newBuilder().setName(UNIT.full()).setRestart(true).build();
        var refused = catchThrowableOfType(StatusRuntimeException.class, () -> api.apply(restart));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(refused.getStatus().getDescription().lines()).singleElement().asString().contains("a newer version");

        api.apply(wanted(DesiredState.DESIRED_STATE_LOADED));
        await().until(() -> placement().orElseThrow().getTarget() == DesiredState.DESIRED_STATE_LOADED);
    }

    private UnitIntent wanted(DesiredState desired) {
        return UnitIntent.newBuilder().setName(UNIT.full()).setDesired(desired).build();
    }

    private SetPolicyRequest.Builder policy() {
        return SetPolicyRequest.newBuilder().addMachineIds(machine.id().value());
    }

    private PolicyRecord policyRecord() throws Exception {
        return PolicyRecord.parseFrom(entry(KEYS.policy(machine.id())).orElseThrow().value());
    }

    private Optional<PlacementRecord> placement() throws Exception {
        var entry = entry(KEYS.placement(machine.id(), UNIT));
        return entry.isEmpty() ? Optional.empty() : Optional.of(PlacementRecord.parseFrom(entry.get().value()));
    }

    /// What a newer version would have written: the value as it is, and something besides.
    private void add(String key) throws StoreException {
        write(key, entry(key).orElseThrow().value().concat(NEWER.toByteString()));
    }

    private void write(String key, ByteString value) throws StoreException {
        var before = entry(key).orElseThrow();
        var put = new Put(key, value, before.leaseId());
        assertThat(store.commit(Transaction.of(List.of(new Unchanged(key, before.modRevision())), List.of(put)))
                        .committed())
                .isTrue();
    }

    private Optional<Entry> entry(String key) throws StoreException {
        return Optional.ofNullable(store.read(key).entries().get(key));
    }
}
