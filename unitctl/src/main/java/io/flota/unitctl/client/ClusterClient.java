package io.flota.unitctl.client;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.flota.api.v1.AboutReply;
import io.flota.api.v1.AboutRequest;
import io.flota.api.v1.ApplyReply;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.DestroyReply;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.EventsReply;
import io.flota.api.v1.EventsRequest;
import io.flota.api.v1.ExecRequest;
import io.flota.api.v1.ExecStart;
import io.flota.api.v1.GetUnitFileReply;
import io.flota.api.v1.GetUnitFileRequest;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.ListEndpointsReply;
import io.flota.api.v1.ListEndpointsRequest;
import io.flota.api.v1.ListMachinesReply;
import io.flota.api.v1.ListMachinesRequest;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.ReleaseValveReply;
import io.flota.api.v1.ReleaseValveRequest;
import io.flota.api.v1.SetPolicyReply;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.api.v1.UnitIntent;
import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;

/// The Cluster service, asked of the first scheduler that answers. All replicas serve all calls, so the others are
/// tried in their order, and the one that answered is asked first the next time. Not for several threads at once.
public final class ClusterClient {
    /// What one call needs of one connection, once there is one.
    private interface Exchange<R> {
        R on(Endpoint endpoint, Connection connection) throws ClusterException;
    }

    private final List<Endpoint> endpoints;
    private final SocketFactory sockets;
    private final Duration timeout;
    private int preferred;

    /// @param timeout for a connection, and again for the answer to a call that is no stream
    public ClusterClient(List<Endpoint> endpoints, SocketFactory sockets, Duration timeout) {
        this.endpoints = List.copyOf(endpoints);
        this.sockets = sockets;
        this.timeout = timeout;
    }

    /// Repeated on the next scheduler if the first one breaks off, unless that could restart a unit twice.
    public ApplyReply apply(ApplyRequest request) throws ClusterException {
        boolean repeatable = request.getUnitsList().stream().noneMatch(UnitIntent::getRestart);
        return call("Apply", request, ApplyReply.parser(), repeatable);
    }

    public DestroyReply destroy(DestroyRequest request) throws ClusterException {
        return call("Destroy", request, DestroyReply.parser(), false);
    }

    public ListUnitsReply listUnits(ListUnitsRequest request) throws ClusterException {
        return call("ListUnits", request, ListUnitsReply.parser(), true);
    }

    public GetUnitFileReply unitFile(String name) throws ClusterException {
        var request = GetUnitFileRequest.newBuilder().setName(name).build();
        return call("GetUnitFile", request, GetUnitFileReply.parser(), true);
    }

    public ListMachinesReply listMachines() throws ClusterException {
        return call("ListMachines", ListMachinesRequest.getDefaultInstance(), ListMachinesReply.parser(), true);
    }

    /// The same call again changes nothing more.
    public SetPolicyReply setPolicy(SetPolicyRequest request) throws ClusterException {
        return call("SetPolicy", request, SetPolicyReply.parser(), true);
    }

    public AboutReply about() throws ClusterException {
        return call("About", AboutRequest.getDefaultInstance(), AboutReply.parser(), true);
    }

    public ReleaseValveReply releaseValve() throws ClusterException {
        return call("ReleaseValve", ReleaseValveRequest.getDefaultInstance(), ReleaseValveReply.parser(), true);
    }

    public ListEndpointsReply listEndpoints(ListEndpointsRequest request) throws ClusterException {
        return call("ListEndpoints", request, ListEndpointsReply.parser(), true);
    }

    Replies<ListEndpointsReply> watchEndpoints(ListEndpointsRequest request) throws ClusterException {
        return stream("WatchEndpoints", request, ListEndpointsReply.parser());
    }

    public Replies<ListUnitsReply> watchUnits(ListUnitsRequest request) throws ClusterException {
        return stream("WatchUnits", request, ListUnitsReply.parser());
    }

    public Replies<JournalReply> journal(JournalRequest request) throws ClusterException {
        return stream("Journal", request, JournalReply.parser());
    }

    public Replies<UsageReply> usage(UsageRequest request) throws ClusterException {
        return stream("Usage", request, UsageReply.parser());
    }

    /// Begins something inside a unit.
    public Visit enter(ExecStart start) throws ClusterException {
        var request = ExecRequest.newBuilder().setStart(start).build();
        return onAnyEndpoint(false, (endpoint, connection) -> {
            try {
                connection.send(name("Exec"), request);
                return new Visit(endpoint, connection);
            } catch (ClusterException failed) {
                connection.close();
                throw failed;
            }
        });
    }

    public Replies<EventsReply> events(EventsRequest request) throws ClusterException {
        return stream("Events", request, EventsReply.parser());
    }

    /// Has the next call asked of another scheduler first, if there is one.
    void preferAnother() {
        preferred = (preferred + 1) % endpoints.size();
    }

    private <R> R call(String method, MessageLite request, Parser<R> parser, boolean repeatable)
            throws ClusterException {
        return onAnyEndpoint(repeatable, (endpoint, connection) -> {
            try (connection) {
                connection.send(name(method), request);
                var bytes = connection.next();
                if (bytes.isEmpty()) {
                    throw new BrokenCallException(endpoint, "ended the call without a reply", null);
                }
                return Replies.parse(endpoint, parser, bytes.get());
            }
        });
    }

    private <R> Replies<R> stream(String method, MessageLite request, Parser<R> parser) throws ClusterException {
        return onAnyEndpoint(true, (endpoint, connection) -> {
            try {
                connection.send(name(method), request);
                connection.waitForEver();
            } catch (ClusterException failed) {
                connection.close();
                throw failed;
            }
            return new Replies<>(endpoint, connection, parser);
        });
    }

    private static String name(String method) {
        return "flota.v1.Cluster/" + method;
    }

    /// @param repeatable whether the exchange may begin anew elsewhere once it has been sent
    private <R> R onAnyEndpoint(boolean repeatable, Exchange<R> exchange) throws ClusterException {
        var failures = new ArrayList<String>();
        IOException unreachable = null;
        ClusterException broken = null;
        int first = preferred;
        for (int i = 0; i < endpoints.size(); i++) {
            int index = (first + i) % endpoints.size();
            Endpoint endpoint = endpoints.get(index);
            try {
                R result = exchange.on(endpoint, Connection.open(endpoint, sockets, timeout));
                preferred = index;
                return result;
            } catch (IOException failed) {
                unreachable = failed;
                failures.add(endpoint + ": " + Reasons.of(failed));
            } catch (ClusterException failed) {
                if (!repeatable || failed instanceof RefusedException refused && !refused.isOutage()) {
                    throw failed;
                }
                broken = failed;
            }
        }
        throw broken != null ? broken : new UnreachableException(failures, unreachable);
    }
}
