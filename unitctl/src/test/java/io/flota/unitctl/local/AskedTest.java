package io.flota.unitctl.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AskedTest {
    private static final ClusterSpec KEPT = asked(OptionalInt.empty(), Optional.empty())
            .fresh(true, 0, "/usr/bin/etcd")
            .findFirst()
            .orElseThrow();

    @Test
    void theDefaultIsThreeMachinesOneSchedulerAndOneEtcd() {
        assertThat(KEPT.machines()).isEqualTo(3);
        assertThat(KEPT.schedulers()).isEqualTo(1);
        assertThat(KEPT.etcdMembers()).isEqualTo(1);
        assertThat(KEPT.front()).isEqualTo("127.0.0.1");
    }

    @Test
    void whatIsNotSaidStaysAsItWas() {
        var wanted = asked(OptionalInt.of(5), Optional.empty()).over(KEPT);

        assertThat(wanted.machines()).isEqualTo(5);
        assertThat(wanted.ttl()).isEqualTo(KEPT.ttl());
        assertThat(wanted.network()).isEqualTo(KEPT.network());
    }

    @Test
    void aRunningClusterMayGrow() {
        var wanted = asked(OptionalInt.of(5), Optional.empty()).over(KEPT);

        assertThat(Asked.hindrance(KEPT, wanted, true)).isEmpty();
    }

    @Test
    void aRunningClusterDoesNotShrink() {
        var wanted = asked(OptionalInt.of(2), Optional.empty()).over(KEPT);

        assertThat(Asked.hindrance(KEPT, wanted, true))
                .contains("it runs with --machines 3; `unitctl local down` first");
    }

    @Test
    void anotherTtlNeedsAStoppedCluster() {
        var wanted = asked(OptionalInt.empty(), Optional.of("2s")).over(KEPT);

        assertThat(Asked.hindrance(KEPT, wanted, true)).contains("it runs with --ttl 5s; `unitctl local down` first");
        assertThat(Asked.hindrance(KEPT, wanted, false)).isEmpty();
    }

    @Test
    void severalFoldersHaveSeveralNetworks() {
        var one = asked(OptionalInt.empty(), Optional.empty()).fresh(false, "/tmp/a".hashCode(), "etcd");
        var other = asked(OptionalInt.empty(), Optional.empty()).fresh(false, "/tmp/b".hashCode(), "etcd");

        assertThat(one.findFirst().orElseThrow().network())
                .matches("127\\.\\d+\\.\\d+")
                .isNotEqualTo(other.findFirst().orElseThrow().network());
    }

    private static Asked asked(OptionalInt machines, Optional<String> ttl) {
        return new Asked(
                machines,
                OptionalInt.empty(),
                OptionalInt.empty(),
                ttl,
                Optional.empty(),
                Optional.empty(),
                false,
                ImmutableList.of(),
                ImmutableList.of(),
                ImmutableList.of(),
                ImmutableList.of());
    }
}
