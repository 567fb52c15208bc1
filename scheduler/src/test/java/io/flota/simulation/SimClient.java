package io.flota.simulation;

import com.google.common.collect.ImmutableList;
import io.flota.store.Lease;
import io.flota.store.LeaseLife;
import io.flota.store.Outcome;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Watch;
import io.flota.store.WatchListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// A process's store, across the network: what it promises is what EtcdStore promises, and no more.
final class SimClient implements Store {
    private static final Duration TIMEOUT = Duration.ofMillis(1500);

    private enum Kind {
        READ,
        WRITE,
        RENEWAL
    }

    /// What etcd is asked to do.
    private interface Request<A> {
        A serve() throws StoreException;
    }

    private static final class Answer<A> {
        private final Semaphore arrived = new Semaphore(0);
        private Optional<A> value = Optional.empty();
        private Optional<StoreException> failure = Optional.empty();
    }

    private final SimProcess process;
    private final SimEtcd etcd;
    private final Network network;
    private final Interference interference;
    private final History history;
    private final List<ClientWatch> watches = new ArrayList<>();

    SimClient(SimProcess process, SimCluster cluster) {
        this.process = process;
        this.etcd = cluster.etcd();
        this.network = cluster.network();
        this.interference = cluster.interference();
        this.history = cluster.history();
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        return repeated("read " + prefix, TIMEOUT, Kind.READ, () -> etcd.read(prefix));
    }

    @Override
    public Outcome commit(Transaction transaction) throws StoreException {
        boolean places = history.decided(process, transaction, process.goesOn());
        var outcome = ask("write " + transaction.writes().size() + " keys", TIMEOUT, Kind.WRITE, () -> {
            var done = etcd.commit(process, transaction);
            if (done.committed()) {
                interference.written(process);
            }
            return done;
        });
        if (places) {
            process.goOn();
        }
        return outcome;
    }

    @Override
    public Lease grant(Duration ttl) throws StoreException {
        return ask("get a lease", TIMEOUT, Kind.WRITE, () -> {
            var lease = etcd.grant(process, ttl);
            interference.written(process);
            return lease;
        });
    }

    @Override
    public Duration keepAlive(Lease lease) throws StoreException {
        var part = lease.ttl().dividedBy(4);
        var timeout = part.compareTo(TIMEOUT) < 0 ? part : TIMEOUT;
        return repeated("keep lease " + lease.id(), timeout, Kind.RENEWAL, () -> etcd.keepAlive(process, lease));
    }

    @Override
    public LeaseLife life(long leaseId) throws StoreException {
        return repeated("ask for lease " + leaseId, TIMEOUT, Kind.READ, () -> etcd.life(leaseId));
    }

    @Override
    public void revoke(Lease lease) throws StoreException {
        var _ = repeated("revoke lease " + lease.id(), TIMEOUT, Kind.WRITE, () -> {
            etcd.revoke(lease);
            interference.written(process);
            return true;
        });
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        var watch = new ClientWatch(fromRevision - 1, listener);
        watches.add(watch);
        network.request(process.name(), () -> watch.open(prefix, fromRevision));
        return watch;
    }

    /// All watches break, as they do when their connection does.
    void breakWatches() {
        List.copyOf(watches).forEach(watch -> watch.tell(() -> watch.end("its connection broke")));
    }

    /// All watches fall silent without a word, as they do when their connection is half open.
    void silenceWatches() {
        watches.forEach(watch -> watch.silent = true);
    }

    @Override
    public void close() {
        List.copyOf(watches).forEach(Watch::close);
    }

    private <A> A repeated(String what, Duration timeout, Kind kind, Request<A> request) throws StoreException {
        try {
            return ask(what, timeout, kind, request);
        } catch (StoreException _) {
            return ask(what, timeout, kind, request);
        }
    }

    /// @throws StoreException also when nobody serves for now: then the outcome of a write is unknown
    private <A> A ask(String what, Duration timeout, Kind kind, Request<A> request) throws StoreException {
        var answer = new Answer<A>();
        send(kind, () -> serve(kind, request, answer));
        boolean answered;
        try {
            answered = process.acquire(answer.arrived, timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("cannot " + what + ": interrupted", kind == Kind.WRITE, e);
        }
        if (!answered) {
            throw new StoreException(
                    "cannot " + what + ": no answer within " + timeout,
                    kind == Kind.WRITE,
                    new InterruptedException("simulated"));
        }
        if (answer.failure.isPresent()) {
            throw answer.failure.get();
        }
        return answer.value.orElseThrow();
    }

    private void send(Kind kind, Runnable arrival) {
        var delay = kind == Kind.WRITE ? interference.delays(process) : Duration.ZERO;
        network.request(process.name(), delay.isZero() ? arrival : () -> network.hold(arrival, delay));
    }

    private <A> void serve(Kind kind, Request<A> request, Answer<A> answer) {
        if (etcd.isMisled(process) && kind != Kind.RENEWAL) {
            return;
        }
        try {
            answer.value = Optional.of(request.serve());
        } catch (StoreException e) {
            answer.failure = Optional.of(e);
        }
        if (interference.answers(process)) {
            network.answer(process.name(), answer.arrived::release);
        }
    }

    private final class ClientWatch implements Watch, WatchListener {
        private final WatchListener listener;
        /// What is on its way, in order.
        private final Deque<Runnable> coming = new ArrayDeque<>();
        private Optional<Watch> server = Optional.empty();
        private boolean closed;
        private boolean silent;
        private long revision;

        ClientWatch(long revision, WatchListener listener) {
            this.revision = revision;
            this.listener = listener;
        }

        void open(String prefix, long fromRevision) {
            if (closed) {
                return;
            }
            server = Optional.of(etcd.outside().watch(prefix, fromRevision, this));
        }

        @Override
        public long revision() {
            boolean caughtUp = server.isPresent() && coming.isEmpty() && !silent && !closed
                    && !network.isCut(process.name()) && !etcd.isAway();
            return caughtUp ? Math.max(revision, etcd.state().revision()) : revision;
        }

        @Override
        public void changed(long at, ImmutableList<Event> events) {
            tell(() -> {
                revision = at;
                listener.changed(at, events);
            });
        }

        @Override
        public void broken(String reason) {
            tell(() -> end(reason));
        }

        @Override
        public void close() {
            closed = true;
            watches.remove(this);
            server.ifPresent(Watch::close);
        }

        void end(String reason) {
            if (!closed) {
                close();
                listener.broken(reason);
            }
        }

        private void tell(Runnable news) {
            if (silent) {
                return;
            }
            coming.add(news);
            network.stream(process.name(), this::hearNext);
        }

        /// One arrival for each message; which one arrives first does not matter, as they are heard in order.
        private void hearNext() {
            if (closed || process.isDead() || !interference.mayHear(process, this::hearNext)) {
                return;
            }
            var next = coming.poll();
            if (next != null) {
                next.run();
            }
        }
    }
}
