package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.unit.Endpoint;
import io.flota.unit.UnitName;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Endpoints and machines for tests.
final class FactsOfTests {
    static final MachineId HERE = new MachineId("a".repeat(32));

    static final Machine LB = machine("here", ImmutableMap.of("role", "lb"));

    private FactsOfTests() {}

    static Endpoint endpoint(String service, String unit, String address, int port, Map<String, String> attributes) {
        return new Endpoint(
                service, new UnitName(unit), HERE, address, port, ImmutableSortedMap.copyOf(attributes), 1, Instant.EPOCH,
                Optional.empty(), ByteString.EMPTY);
    }

    /// `web@N.service` at 10.0.0.N:8080.
    static Endpoint web(int number) {
        return endpoint("web", "web@" + number + ".service", "10.0.0." + number, 8080, ImmutableMap.of());
    }

    static Machine machine(String hostname, Map<String, String> metadata) {
        return new Machine(
                HERE, hostname, "", "10.1.0.1", ImmutableSortedMap.copyOf(metadata), new Resources(0, 0), "", "", "");
    }

    static Facts facts(Endpoint... endpoints) {
        return Facts.of(ImmutableList.copyOf(endpoints), ImmutableList.of(LB));
    }
}
