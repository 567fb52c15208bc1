package io.flota.scheduler.fleet;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.io.Resources;
import io.flota.api.v1.ListEndpointsRequest;
import io.flota.scheduler.api.EndpointListing;
import io.flota.scheduler.api.Outage;
import io.flota.scheduler.api.Policing;
import io.flota.scheduler.api.RefusedException;
import io.flota.scheduler.api.Registrar;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.model.Model;
import io.flota.unit.UnitName;
import io.grpc.Status.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Does what calls of fleet's API ask for, by the same means as all other commands: reads come from the watched
/// view, and writes go through [Registrar] and [Policing].
final class FleetApi {
    /// What requests say besides their paths and bodies.
    interface Query {
        /// Its values, in the order in which they were sent.
        List<String> all(String parameter);

        /// The value that counts; empty if there is none.
        default String first(String parameter) {
            return all(parameter).stream().findFirst().orElse("");
        }
    }

    private static final String NO_ETCD = "fleet server unable to communicate with etcd";
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int INTERNAL = 500;
    private static final int UNAVAILABLE = 503;
    private static final int NO_CONTENT = 204;

    private final Model model;
    private final Registrar registrar;
    private final Policing policing;
    private final Supplier<String> metrics;
    private final int tokenLimit;
    private final FleetFiles files = new FleetFiles();
    private final RecentStops stops = new RecentStops(Ticker.systemTicker());

    /// @param metrics all of them, in Prometheus's text format
    /// @param tokenLimit how many things are on a page
    FleetApi(Model model, Registrar registrar, Policing policing, Supplier<String> metrics, int tokenLimit) {
        this.model = model;
        this.registrar = registrar;
        this.policing = policing;
        this.metrics = metrics;
        this.tokenLimit = tokenLimit;
    }

    /// @param body empty if the call takes none
    FleetAnswer answer(FleetCall call, Query query, byte[] body) throws InterruptedException {
        try {
            return switch (call) {
                case FleetCall.ListUnits() -> FleetAnswer.json(lists().units(token(query)));
                case FleetCall.GetUnit(var name) -> FleetAnswer.json(lists().unit(name));
                case FleetCall.PutUnit(var name) -> put(name, body);
                case FleetCall.DeleteUnit(var name) -> delete(name);
                case FleetCall.ListStates() ->
                    FleetAnswer.json(lists().states(token(query), query.first("machineID"), query.first("unitName")));
                case FleetCall.GetState(var name) -> FleetAnswer.json(lists().state(name));
                case FleetCall.ListMachines() -> FleetAnswer.json(lists().machines(token(query)));
                case FleetCall.PatchMachines() -> patch(body);
                case FleetCall.ListEndpoints(var service) -> FleetAnswer.json(endpoints(service));
                case FleetCall.Metrics() -> FleetAnswer.metrics(metrics.get().getBytes(StandardCharsets.UTF_8));
                case FleetCall.Document(var resource) -> FleetAnswer.document(document(resource));
            };
        } catch (FleetException e) {
            return FleetAnswer.of(e);
        } catch (RefusedException e) {
            return failure(e, e.getMessage());
        }
    }

    private FleetLists lists() throws RefusedException {
        return new FleetLists(cluster(), files, stops);
    }

    private Cluster cluster() throws RefusedException {
        return Outage.readable(model.latest()).cluster();
    }

    private PageToken token(Query query) throws FleetException {
        return PageToken.of(query.all("nextPageToken"), tokenLimit);
    }

    private FleetAnswer put(String name, byte[] body) throws FleetException, RefusedException, InterruptedException {
        var wanted = Json.unit(body);
        Outage.writable(model.latest());
        UnitPut put;
        try {
            put = UnitPut.of(name, wanted, cluster(), files);
        } catch (FleetException e) {
            if (e.status() != CONFLICT) {
                throw e;
            }
            put = UnitPut.of(name, wanted, registrar.newest(), files); // nobody is refused because our view is behind
        }
        var unit = new UnitName(name);
        if (put.stops()) {
            stops.begin(unit);
        } else {
            stops.end(unit);
        }
        try {
            var intent = List.of(put.intent());
            var _ = put.intent().hasFile() ? registrar.apply(intent) : registrar.update(intent);
        } catch (RefusedException e) {
            return e.status().getCode() == Code.NOT_FOUND
                    ? FleetAnswer.failure(CONFLICT, e.getMessage()) // destroyed meanwhile
                    : failure(e, withoutPlaces(e.getMessage(), name));
        }
        if (put.stops()) {
            stops.begin(unit); // anew: the write may have taken its time
        }
        return FleetAnswer.done(put.status());
    }

    /// Of options nobody knows in which line they are.
    private static String withoutPlaces(String problems, String name) {
        var place = Pattern.compile("^" + Pattern.quote(name) + ":\\d+: ");
        return problems.lines()
                .map(line -> place.matcher(line).replaceFirst("").replaceFirst("\\.$", ""))
                .collect(Collectors.joining("; "));
    }

    private FleetAnswer delete(String name) throws FleetException, RefusedException, InterruptedException {
        Outage.writable(model.latest());
        if (FleetLists.find(cluster(), name).isEmpty()) {
            var _ = FleetLists.registered(registrar.newest(), name);
        }
        var _ = registrar.destroy(List.of(name));
        return FleetAnswer.done(NO_CONTENT);
    }

    private FleetAnswer patch(byte[] body) throws FleetException, RefusedException, InterruptedException {
        var requests = MetadataPatch.requests(Json.tree(body));
        Outage.writable(model.latest());
        if (!requests.isEmpty()) {
            var _ = policing.set(requests);
        }
        return FleetAnswer.done(NO_CONTENT);
    }

    private ImmutableList<EndpointEntity> endpoints(Optional<String> service) throws RefusedException {
        var request = ListEndpointsRequest.newBuilder();
        service.ifPresent(request::addServices);
        return EndpointListing.of(request.build()).reply(Outage.readable(model.latest())).getEndpointsList().stream()
                .map(EndpointEntity::of)
                .collect(ImmutableList.toImmutableList());
    }

    private static byte[] document(String resource) {
        try {
            return Resources.toByteArray(Resources.getResource(FleetApi.class, resource));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FleetAnswer failure(RefusedException e, String message) {
        return switch (e.status().getCode()) {
            case INVALID_ARGUMENT -> FleetAnswer.failure(BAD_REQUEST, message);
            case NOT_FOUND -> FleetAnswer.failure(NOT_FOUND, message);
            case FAILED_PRECONDITION, ABORTED -> FleetAnswer.failure(CONFLICT, message);
            case UNAVAILABLE -> FleetAnswer.failure(UNAVAILABLE, NO_ETCD + ": " + message);
            default -> FleetAnswer.failure(INTERNAL, message);
        };
    }
}
