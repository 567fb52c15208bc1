package io.flota.scheduler.api;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The stream of replies to one client, fed by one thread and only as fast as the client takes them. When the
/// client goes, the thread is interrupted.
final class Outlet<T> {
    private static final Logger log = LoggerFactory.getLogger(Outlet.class);

    /// What feeds an outlet. To return ends the stream well.
    interface Source<T> {
        void feed(Outlet<T> outlet) throws RefusedException, InterruptedException;
    }

    private final ServerCallStreamObserver<T> observer;
    private final Object wake = new Object();

    private Outlet(ServerCallStreamObserver<T> observer) {
        this.observer = observer;
    }

    /// Feeds the client from a new virtual thread. To be called before the service's method returns.
    static <T> void open(StreamObserver<T> client, Source<T> source) {
        var observer = (ServerCallStreamObserver<T>) client;
        var outlet = new Outlet<>(observer);
        var thread = Thread.ofVirtual().name("stream").unstarted(() -> outlet.run(source));
        observer.setOnReadyHandler(outlet::ready);
        observer.setOnCancelHandler(thread::interrupt);
        thread.start();
    }

    /// Blocks until the client can take the reply.
    ///
    /// @throws InterruptedException the client is gone
    void send(T reply) throws InterruptedException {
        synchronized (wake) {
            while (!observer.isReady()) {
                if (observer.isCancelled()) {
                    throw new InterruptedException("the client is gone");
                }
                wake.wait();
            }
        }
        observer.onNext(reply);
    }

    private void ready() {
        synchronized (wake) {
            wake.notifyAll();
        }
    }

    private void run(Source<T> source) {
        try {
            source.feed(this);
            observer.onCompleted();
        } catch (RefusedException e) {
            observer.onError(e.status().asRuntimeException());
        } catch (InterruptedException _) {
            observer.onError(Status.CANCELLED.asRuntimeException());
        } catch (RuntimeException e) {
            log.error("a bug in feeding a stream", e);
            observer.onError(Status.INTERNAL
                    .withDescription("the scheduler failed to answer (its log says more): " + e)
                    .asRuntimeException());
        }
    }
}
