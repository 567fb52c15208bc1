package io.flota.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.flota.api.v1.EndpointRecord;
import io.flota.api.v1.UnitRecord;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Fact.LeaderFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.SchedulerFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.store.Entry;
import io.flota.store.Transaction.Put;
import io.flota.unit.DesiredState;
import io.flota.unit.Endpoint;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodecTest {
    private static final MachineId A = new MachineId("a".repeat(32));
    private static final UnitName WEB = new UnitName("web@1.service");
    private static final UnitProperties PROPERTIES = UnitProperties.of(Map.of("MemoryMax", "64M"));
    private static final Keys KEYS = Keys.DEFAULT;

    private final Codec codec = new Codec(KEYS);

    @Test
    void aMachineComesBackAsItWas() {
        var machine = new Machine(
                A, "host", "1.2.3.4", "", ImmutableSortedMap.of("region", "eu"), new Resources(1L << 33, 4), "h:4472",
                "boot", "1.0").registeredFor(Duration.ofSeconds(15));

        var put = codec.encode(machine, 7);

        assertThat(put.key()).isEqualTo("/flota/v1/machines/" + "a".repeat(32));
        assertThat(put.leaseId()).isEqualTo(7);
        assertThat(codec.decode(stored(put))).contains(new MachineFact(machine));
    }

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "UNKNOWN")
    void aUnitComesBackAsItWas(DesiredState desired) {
        var unit = new Unit(WEB, "f00", desired, 3, PROPERTIES, ByteString.EMPTY);

        assertThat(codec.decode(stored(codec.encode(unit)))).contains(new UnitFact(unit, 5));
    }

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "UNKNOWN")
    void aPlacementComesBackAsItWas(DesiredState target) {
        var placement = new Placement(A, WEB, "f00", target, 3, "p1", "carries least", true, PROPERTIES, ByteString.EMPTY);

        var put = codec.encode(placement);

        assertThat(put.key()).isEqualTo("/flota/v1/placements/" + "a".repeat(32) + "/web@1.service");
        assertThat(codec.decode(stored(put))).contains(new PlacementFact(placement, 5));
    }

    @Test
    void aStateComesBackAsItWas() {
        var state = new UnitState(
                "loaded", "active", "running", "f00", "p1", 3, Instant.ofEpochMilli(1234), "fine", 4711, 2);

        assertThat(codec.decode(stored(codec.encode(A, WEB, state, 7)))).contains(new StateFact(A, WEB, state));
    }

    @Test
    void aFileIsItsBytes() {
        var bytes = ByteString.copyFrom(new byte[] {0, -1, 10, 13});

        assertThat(codec.decode(stored(codec.encode("f00", bytes)))).contains(new FileFact("f00", bytes));
    }

    @Test
    void anEndpointComesBackAsItWas() {
        var endpoint = new Endpoint(
                "web", WEB, A, "10.0.0.1", 8081, ImmutableSortedMap.of("weight", "10"), 7, Instant.ofEpochMilli(1234),
                Optional.of(Instant.ofEpochMilli(5678)), ByteString.EMPTY);

        var put = codec.encode(endpoint, 7);

        assertThat(put.key()).isEqualTo("/flota/v1/endpoints/web/web@1.service");
        assertThat(put.leaseId()).isEqualTo(7);
        assertThat(codec.decode(stored(put))).contains(new EndpointFact(endpoint, 5));
        var elsewhere = new Entry(KEYS.endpoint("other", WEB), put.value(), 4, 5, 7);
        assertThat(codec.decode(elsewhere)).as("under the key of another service").isEmpty();
    }

    @Test
    void anEndpointKeepsWhatANewerVersionSaysOfIt() {
        var newer = EndpointRecord.newBuilder()
                .setService("web").setUnit(WEB.full()).setMachineId(A.value()).setPort(80)
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build())
                .build();

        var read = codec.decode(new Entry(KEYS.endpoint("web", WEB), newer.toByteString(), 4, 5, 7)).orElseThrow();

        assertThat(read).isInstanceOfSatisfying(EndpointFact.class, fact ->
                assertThat(codec.encode(fact.endpoint(), 7).value()).isEqualTo(newer.toByteString()));
    }

    @Test
    void theLeaderComesWithItsCreateRevision() {
        var leader = new Leader("s1", "h:4470", "h:49153");

        assertThat(codec.decode(stored(codec.encode(leader, 7)))).contains(new LeaderFact(leader, 4));
    }

    @Test
    void aSchedulerTellsOfItselfWhetherItLeadsOrNot() {
        var scheduler = new Leader("host:4470", "h:4470", "h:49153");

        var put = codec.encodeServing(scheduler, 7);

        assertThat(put.key()).isEqualTo("/flota/v1/schedulers/host:4470");
        assertThat(codec.decode(stored(put))).contains(new SchedulerFact(scheduler));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "/flota/v1/machines/xyz", "/flota/v1/units/no type", "/flota/v1/placements/web.service", "/flota/v1/leader/x",
        "/flota/v1/placements/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/a/b.service", "/flota/v1/unknown", "/flota/v2/leader",
        "/flota/v1/endpoints/web", "/flota/v1/endpoints/Web/a.service", "/flota/v1/endpoints/web/no type"
    })
    void keysOfOthersArePassedOver(String key) {
        assertThat(KEYS.parse(key)).isEmpty();
        assertThat(codec.decode(new Entry(key, ByteString.EMPTY, 4, 5, 0))).isEmpty();
    }

    @Test
    void aValueThatCannotBeReadIsPassedOver() {
        var garbage = ByteString.copyFromUtf8("\b\b\b");

        assertThat(codec.decode(new Entry(KEYS.unit(WEB), garbage, 4, 5, 0))).isEmpty();
        assertThat(codec.decode(new Entry(KEYS.unit(WEB), ByteString.EMPTY, 4, 5, 0)))
                .as("a unit without a desired state").isEmpty();
        assertThat(codec.decode(new Entry(KEYS.machine(A), ByteString.EMPTY, 4, 5, 0)))
                .as("a machine without an id").isEmpty();
    }

    @Test
    void whatANewerVersionAsksForIsKnownToBeUnknownAndNeverWrittenInItsPlace() {
        var newer = UnitRecord.newBuilder().setFileHash("f00").setDesiredValue(77).build();

        var read = codec.decode(new Entry(KEYS.unit(WEB), newer.toByteString(), 4, 5, 0));

        var unit = new Unit(WEB, "f00", DesiredState.UNKNOWN, 0);
        assertThat(read).contains(new UnitFact(unit, 5));
        assertThatThrownBy(() -> codec.encode(unit)).hasMessageContaining("only a newer version can write");
        assertThatThrownBy(() -> codec.encode(new Placement(A, WEB, "f00", DesiredState.UNKNOWN, 3, "p1", "")))
                .hasMessageContaining("only a newer version can write");
    }

    private static Entry stored(Put put) {
        return new Entry(put.key(), put.value(), 4, 5, put.leaseId());
    }
}
