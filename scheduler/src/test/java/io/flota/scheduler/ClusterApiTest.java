package io.flota.scheduler;

import org.junit.jupiter.api.Nested;

class ClusterApiTest {
    @Nested
    class ByGrpc extends ClusterApiContract {
        @Override
        Api open(TestCluster cluster, Scheduler scheduler) {
            return cluster.grpc(scheduler);
        }
    }

    @Nested
    class ByTheLeanCarrier extends ClusterApiContract {
        @Override
        Api open(TestCluster cluster, Scheduler scheduler) {
            return cluster.lean(scheduler);
        }
    }
}
