package io.flota.agent.announce;

import com.google.common.collect.ComparisonChain;
import io.flota.unit.Endpoint;
import io.flota.unit.UnitName;

/// What there is one endpoint of.
public record EndpointName(String service, UnitName unit) implements Comparable<EndpointName> {
    static EndpointName of(Endpoint endpoint) {
        return new EndpointName(endpoint.service(), endpoint.unit());
    }

    @Override
    public int compareTo(EndpointName other) {
        return ComparisonChain.start().compare(service, other.service).compare(unit, other.unit).result();
    }

    @Override
    public String toString() {
        return service + "/" + unit;
    }
}
