package io.flota.scheduler.api;

import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.ExecReply;
import io.flota.api.v1.ExecRequest;
import io.flota.api.v1.ExecStart;
import io.flota.scheduler.api.Agents.Place;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/// Relays between one client and the agent that it talks to. Asks either side for its next message only when the other
/// one has room, so that nothing gathers here; and lets go of either when the other one goes.
final class Visit implements StreamObserver<ExecRequest> {
    /// Where a start leads.
    interface Way {
        Place of(ExecStart start) throws RefusedException;
    }

    private final Agents agents;
    private final ServerCallStreamObserver<ExecReply> client;
    private final Way way;
    private Optional<Agent> agent = Optional.empty();
    private boolean isOver;

    Visit(Agents agents, ServerCallStreamObserver<ExecReply> client, Way way) {
        this.agents = agents;
        this.client = client;
        this.way = way;
    }

    @Override
    public synchronized void onNext(ExecRequest request) {
        if (isOver) {
            return;
        }
        if (agent.isPresent()) {
            agent.get().send(request);
        } else if (request.hasStart()) {
            begin(request);
        } else {
            end(Status.INVALID_ARGUMENT.withDescription("a start comes first"));
        }
    }

    private void begin(ExecRequest request) {
        try {
            var found = new Agent(request.getStart().getUnit(), way.of(request.getStart()));
            agent = Optional.of(found);
            found.call();
            found.send(request);
        } catch (RefusedException e) {
            end(e.status());
        }
    }

    @Override
    public synchronized void onCompleted() {
        if (agent.isPresent() && !isOver) {
            agent.get().stream.onCompleted();
        } else if (!isOver) {
            end(Status.INVALID_ARGUMENT.withDescription("a start comes first"));
        }
    }

    @Override
    public void onError(Throwable failure) {
        clientIsGone();
    }

    synchronized void clientIsGone() {
        isOver = true;
        agent.ifPresent(Agent::leave);
    }

    synchronized void clientIsReady() {
        agent.ifPresent(Agent::readOn);
    }

    private void end(Status status) {
        isOver = true;
        if (status.isOk()) {
            client.onCompleted();
        } else {
            client.onError(status.asRuntimeException());
        }
    }

    /// The agent's side.
    private final class Agent implements ClientResponseObserver<ExecRequest, ExecReply> {
        private final String unit;
        private final Place place;
        private final ManagedChannel channel;
        private ClientCallStreamObserver<ExecRequest> stream;
        private boolean wasHeard;
        private boolean clientIsOwed;
        private boolean agentIsOwed;

        Agent(String unit, Place place) {
            this.unit = unit;
            this.place = place;
            this.channel = agents.channel(place.address());
        }

        void call() {
            var _ = AgentGrpc.newStub(channel).exec(this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ExecRequest> requests) {
            stream = requests;
            requests.disableAutoRequestWithInitial(1);
            requests.setOnReadyHandler(this::isReady);
        }

        void send(ExecRequest request) {
            stream.onNext(request);
            clientIsOwed = true;
            hearOn();
        }

        private void isReady() {
            synchronized (Visit.this) {
                hearOn();
            }
        }

        /// Lets the client say more if the agent can take it.
        private void hearOn() {
            if (clientIsOwed && stream.isReady()) {
                clientIsOwed = false;
                client.request(1);
            }
        }

        /// Lets the agent say more if the client can take it.
        private void readOn() {
            if (agentIsOwed && client.isReady()) {
                agentIsOwed = false;
                stream.request(1);
            }
        }

        @Override
        public void onNext(ExecReply reply) {
            synchronized (Visit.this) {
                wasHeard = true;
                if (!isOver) {
                    client.onNext(reply);
                    agentIsOwed = true;
                    readOn();
                }
            }
        }

        @Override
        public void onError(Throwable failure) {
            ended(Visits.told(unit, place, Status.fromThrowable(failure), wasHeard));
        }

        @Override
        public void onCompleted() {
            ended(Status.OK);
        }

        private void ended(Status status) {
            synchronized (Visit.this) {
                if (!isOver) {
                    end(status);
                }
            }
            channel.shutdownNow();
        }

        void leave() {
            stream.cancel("the client is gone", null);
            channel.shutdownNow();
        }
    }
}
