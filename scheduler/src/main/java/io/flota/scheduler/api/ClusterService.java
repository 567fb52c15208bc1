package io.flota.scheduler.api;

import io.flota.api.v1.AboutReply;
import io.flota.api.v1.AboutRequest;
import io.flota.api.v1.Allocation;
import io.flota.api.v1.ApplyReply;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.ClusterGrpc.ClusterImplBase;
import io.flota.api.v1.DestroyReply;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.EventsReply;
import io.flota.api.v1.EventsRequest;
import io.flota.api.v1.ExecReply;
import io.flota.api.v1.ExecRequest;
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
import io.flota.api.v1.MachinePolicy;
import io.flota.api.v1.ReleaseValveReply;
import io.flota.api.v1.ReleaseValveRequest;
import io.flota.api.v1.SetPolicyReply;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import io.flota.registry.Records;
import io.flota.registry.Registry;
import io.flota.scheduler.model.Model;
import io.flota.scheduler.model.View;
import io.flota.scheduler.placement.Planner;
import io.flota.unit.UnitName;
import io.grpc.ChannelCredentials;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.function.BiPredicate;
import java.util.function.Function;

/// The Cluster service. Reads are answered from the model, and say how old it is; writes go to etcd.
public final class ClusterService extends ClusterImplBase {
    /// Who answers.
    ///
    /// @param version of the program
    public record Identity(String schedulerId, String version) {}

    /// What a call is answered with.
    private interface Question<T> {
        T ask() throws RefusedException, InterruptedException;
    }

    /// Changes come in bursts; what is nearer together than this is told at once.
    private static final Duration FOLDED = Duration.ofMillis(10);

    private final Identity identity;
    private final Model model;
    private final Registrar registrar;
    private final Policing policing;
    private final Journals journals;
    private final Usages usages;
    private final Visits visits;
    private final EventStreams events;

    /// @param agents how to call agents
    public ClusterService(
            Identity identity, Registry registry, Model model, EventStreams events, ChannelCredentials agents) {
        this.identity = identity;
        this.model = model;
        this.registrar = new Registrar(registry, model);
        this.policing = new Policing(registry, model);
        var channels = new Agents(agents);
        this.journals = new Journals(channels);
        this.usages = new Usages(channels);
        this.visits = new Visits(channels);
        this.events = events;
    }

    /// The service as every carrier serves it.
    public ServerServiceDefinition definition() {
        return Failures.told(bindService());
    }

    @Override
    public void apply(ApplyRequest request, StreamObserver<ApplyReply> client) {
        answer(client, () -> ApplyReply.newBuilder()
                .setRevision(registrar.apply(request.getUnitsList()))
                .build());
    }

    @Override
    public void destroy(DestroyRequest request, StreamObserver<DestroyReply> client) {
        answer(client, () -> DestroyReply.newBuilder()
                .setRevision(registrar.destroy(request.getNamesList()))
                .build());
    }

    @Override
    public void listUnits(ListUnitsRequest request, StreamObserver<ListUnitsReply> client) {
        answer(client, () -> UnitListing.of(request).reply(Outage.readable(model.latest()), model.now()));
    }

    @Override
    public void watchUnits(ListUnitsRequest request, StreamObserver<ListUnitsReply> client) {
        Outlet.open(client, outlet -> {
            var listing = UnitListing.of(request);
            watch(outlet, view -> listing.reply(view, model.now()), UnitListing::tellTheSame);
        });
    }

    @Override
    public void listEndpoints(ListEndpointsRequest request, StreamObserver<ListEndpointsReply> client) {
        answer(client, () -> EndpointListing.of(request).reply(Outage.readable(model.latest())));
    }

    @Override
    public void watchEndpoints(ListEndpointsRequest request, StreamObserver<ListEndpointsReply> client) {
        Outlet.open(client, outlet -> watch(outlet, EndpointListing.of(request)::reply, EndpointListing::tellTheSame));
    }

    /// A client that is slow misses states in between, never the last one.
    private <R> void watch(Outlet<R> outlet, Function<View, R> listing, BiPredicate<R, R> tellTheSame)
            throws RefusedException, InterruptedException {
        var view = Outage.readable(model.latest());
        var told = listing.apply(view);
        outlet.send(told);
        while (true) {
            model.awaitChange(view);
            Thread.sleep(FOLDED);
            view = model.latest();
            var reply = listing.apply(view);
            if (!tellTheSame.test(told, reply)) {
                outlet.send(reply);
                told = reply;
            }
        }
    }

    @Override
    public void getUnitFile(GetUnitFileRequest request, StreamObserver<GetUnitFileReply> client) {
        answer(client, () -> unitFile(request.getName()));
    }

    private GetUnitFileReply unitFile(String name) throws RefusedException {
        var cluster = Outage.readable(model.latest()).cluster();
        var unit = UnitName.problem(name).isEmpty() ? cluster.units().get(new UnitName(name)) : null;
        if (unit == null) {
            throw new RefusedException(Code.NOT_FOUND, "unit " + Problems.printable(name) + " is not registered");
        }
        var file = cluster.files().get(unit.unit().fileHash());
        if (file == null) {
            throw new RefusedException(
                    Code.FAILED_PRECONDITION, "the file of unit " + name + " is not in the registry");
        }
        return GetUnitFileReply.newBuilder()
                .setFile(file)
                .setFileHash(unit.unit().fileHash())
                .build();
    }

    @Override
    public void listMachines(ListMachinesRequest request, StreamObserver<ListMachinesReply> client) {
        answer(client, () -> {
            var view = Outage.readable(model.latest());
            var reply = ListMachinesReply.newBuilder().setFreshness(Messages.of(view));
            var cluster = view.cluster();
            cluster.machines().forEach((id, machine) ->
                    reply.addMachines(Records.of(machine.under(cluster.policyOf(id)))));
            cluster.policies().forEach((id, fact) -> reply.addPolicies(
                    MachinePolicy.newBuilder().setMachineId(id.value()).setPolicy(Records.of(fact.policy()))));
            Planner.reserved(cluster.at(model.now())).forEach((id, reserved) -> reply.addAllocations(
                    Allocation.newBuilder().setMachineId(id.value()).setReserved(Records.of(reserved))));
            return reply.build();
        });
    }

    @Override
    public void setPolicy(SetPolicyRequest request, StreamObserver<SetPolicyReply> client) {
        answer(client, () -> policing.set(request));
    }

    @Override
    public void journal(JournalRequest request, StreamObserver<JournalReply> client) {
        Outlet.open(client, outlet -> journals.tell(request, model, outlet));
    }

    @Override
    public void usage(UsageRequest request, StreamObserver<UsageReply> client) {
        Outlet.open(client, outlet -> usages.tell(request, model, outlet));
    }

    @Override
    public StreamObserver<ExecRequest> exec(StreamObserver<ExecReply> client) {
        return visits.open(client, () -> Outage.readable(model.latest()).cluster());
    }

    @Override
    public void events(EventsRequest request, StreamObserver<EventsReply> client) {
        Outlet.open(client, outlet -> events.read(request, outlet));
    }

    @Override
    public void about(AboutRequest request, StreamObserver<AboutReply> client) {
        answer(client, () -> {
            var view = model.latest();
            var reply = AboutReply.newBuilder()
                    .setVersion(identity.version())
                    .setSchedulerId(identity.schedulerId())
                    .setFreshness(Messages.of(view));
            view.cluster().leader().ifPresent(fact -> reply.setLeader(Records.of(fact.leader())));
            view.cluster().valve().ifPresent(fact -> reply.setValve(Records.of(fact.valve())));
            return reply.build();
        });
    }

    @Override
    public void releaseValve(ReleaseValveRequest request, StreamObserver<ReleaseValveReply> client) {
        answer(client, () -> ReleaseValveReply.newBuilder()
                .setRevision(registrar.releaseValve())
                .build());
    }

    private static <T> void answer(StreamObserver<T> client, Question<T> question) {
        try {
            client.onNext(question.ask());
            client.onCompleted();
        } catch (RefusedException e) {
            client.onError(e.status().asRuntimeException());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            client.onError(Status.CANCELLED
                    .withDescription("the scheduler is stopping: try another")
                    .asRuntimeException());
        }
    }
}
