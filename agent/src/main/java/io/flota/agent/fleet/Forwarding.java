package io.flota.agent.fleet;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.flota.tls.FreshContext;
import io.flota.tls.PemFiles;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/// Passes each request on as it is, and its answer back. One that a scheduler does not answer goes to the next one if
/// it only reads, or if it was surely not received. Where there is nobody to answer it is 503, as fleet had it.
final class Forwarding extends ProxyHandler {
    private static final String ROUTE = Forwarding.class.getName() + ".route";
    private static final Set<String> READING = Set.of("GET", "HEAD");
    private static final long CONNECT_MILLIS = 2_000;
    /// Of a connection that nobody uses: less than the 20 s after which a scheduler ends it, perhaps while we ask anew.
    private static final long UNUSED_MILLIS = 15_000;
    /// Of one that is in use: a scheduler has ended the request by then, or it is stuck.
    private static final long SILENT_MILLIS = 30_000;
    /// For as long one that does not begin to answer is waited for, where another can still be asked.
    private static final long HANGS_MILLIS = 5_000;

    private final Schedulers schedulers;
    private final Optional<SSLContext> tls;

    /// @param files what shows schedulers who we are, and tells whether they are what they say; empty: in plain text
    /// @throws IOException if a TLS file is not what it should be
    Forwarding(Schedulers schedulers, Optional<PemFiles> files) throws IOException {
        this.schedulers = schedulers;
        this.tls = files.isPresent() ? Optional.of(FreshContext.over(files.get())) : Optional.empty();
    }

    /// Where one request goes.
    private static final class Route {
        private final Deque<HostAndPort> left;
        private final boolean isReading;
        private final List<String> failures = new ArrayList<>();
        private HostAndPort destination;
        private Optional<Body> body = Optional.empty();
        private volatile boolean isBegun;

        /// @param schedulers one at least
        Route(List<HostAndPort> schedulers, boolean isReading) {
            this.left = new ArrayDeque<>(schedulers);
            this.isReading = isReading;
            this.destination = left.pop();
        }

        /// Of a destination that has not answered: whether another one may be asked the same.
        boolean mayGoOn() {
            return !left.isEmpty() && (isReading || !isBegun) && body.stream().allMatch(Body::isUntouched);
        }

        void goOn() {
            destination = left.pop();
            body = Optional.empty();
            isBegun = false;
        }

        boolean mayHang() {
            return !isReading || left.isEmpty();
        }
    }

    /// Reads what a client sends, and knows afterwards whether it was the client who failed.
    private static final class Body extends ProxyRequestContent {
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private volatile boolean isAsked;
        private volatile boolean isTaken;
        private volatile boolean isGivenUp;
        private volatile boolean isWhole;

        Body(Request request) {
            super(request);
        }

        @Override
        public Content.Chunk read() {
            isAsked = true;
            var chunk = super.read();
            if (Content.Chunk.isFailure(chunk)) {
                if (!isGivenUp) {
                    failure.compareAndSet(null, chunk.getFailure());
                }
            } else if (chunk != null) {
                isTaken |= chunk.hasRemaining();
                isWhole |= chunk.isLast();
            }
            return chunk;
        }

        @Override
        public void demand(Runnable demanded) {
            isAsked = true;
            super.demand(demanded);
        }

        /// Whether it is there for the next scheduler.
        boolean isUntouched() {
            return !isAsked || isWhole && !isTaken;
        }

        @Override
        public void fail(Throwable why) {
            isGivenUp = true;
            if (!isUntouched()) {
                super.fail(why);
            }
        }

        /// Why the client is to blame; empty if it is not. Where all wait for more of the body, it is.
        Optional<Throwable> blame(Throwable outcome) {
            return Optional.ofNullable(failure.get())
                    .or(() -> Optional.of(outcome).filter(it -> !isWhole && it instanceof TimeoutException));
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        try {
            var isReading = READING.contains(request.getMethod());
            request.setAttribute(ROUTE, new Route(notBack(request, schedulers.addresses()), isReading));
            var _ = rewriteHttpURI(request).toURI();
        } catch (NoSchedulerException e) {
            Refusal.unavailable(e.getMessage()).send(response, callback);
            return true;
        } catch (IllegalArgumentException _) {
            new Refusal(HttpStatus.BAD_REQUEST_400, "the path or the query is not escaped as it should be")
                    .send(response, callback);
            return true;
        }
        return super.handle(request, response, callback);
    }

    /// A scheduler that serves its own machine alone may be named by an address that means ourselves here.
    private static List<HostAndPort> notBack(Request request, List<HostAndPort> addresses) throws NoSchedulerException {
        int own = Request.getLocalPort(request);
        var others = addresses.stream()
                .filter(it -> it.getPort() != own || !isThisMachine(it.getHost()))
                .toList();
        if (others.isEmpty()) {
            throw new NoSchedulerException("schedulers serve fleet's API to their own machines only, at " + addresses
                    + ": give them --fleet-listen or --advertise with an address that others reach");
        }
        return others;
    }

    private static boolean isThisMachine(String host) {
        return host.equals("localhost")
                || InetAddresses.isInetAddress(host) && InetAddresses.forString(host).isLoopbackAddress();
    }

    private static Route route(Request request) {
        return (Route) request.getAttribute(ROUTE);
    }

    @Override
    protected org.eclipse.jetty.client.Request newProxyToServerRequest(Request request, HttpURI uri) {
        var route = route(request);
        var passed = super.newProxyToServerRequest(request, uri)
                .idleTimeout(SILENT_MILLIS, TimeUnit.MILLISECONDS)
                .onRequestBegin(_ -> route.isBegun = true);
        if (!route.mayHang()) {
            var hangs = getHttpClient().getScheduler().schedule(
                    () -> passed.abort(new TimeoutException("no answer within " + HANGS_MILLIS + " ms")),
                    HANGS_MILLIS,
                    TimeUnit.MILLISECONDS);
            passed.onResponseBegin(_ -> hangs.cancel());
        }
        return passed;
    }

    @Override
    protected org.eclipse.jetty.client.Request.Content newProxyToServerRequestContent(
            Request request, Response response, org.eclipse.jetty.client.Request passed) {
        var body = new Body(request);
        route(request).body = Optional.of(body);
        return body;
    }

    @Override
    protected HttpURI rewriteHttpURI(Request request) {
        return HttpURI.build(request.getHttpURI())
                .scheme(tls.isPresent() ? "https" : "http")
                .authority(route(request).destination.toString());
    }

    @Override
    protected void configureHttpClient(HttpClient client) {
        super.configureHttpClient(client);
        client.setConnectTimeout(CONNECT_MILLIS);
        client.setIdleTimeout(UNUSED_MILLIS);
        tls.ifPresent(context -> {
            var factory = new SslContextFactory.Client();
            factory.setSslContext(context);
            client.setSslContextFactory(factory);
        });
    }

    @Override
    protected void onServerToProxyResponseFailure(
            Request request, org.eclipse.jetty.client.Request passed, org.eclipse.jetty.client.Response answer,
            Response response, Callback callback, Throwable failure) {
        var route = route(request);
        var blamed = route.body.flatMap(body -> body.blame(failure));
        if (blamed.isEmpty() && !response.isCommitted()) { // afterwards it may be the client who went away
            schedulers.suspect(route.destination);
            route.failures.add(route.destination + " does not answer: " + failure);
        }
        if (response.isCommitted()) {
            callback.failed(failure);
        } else if (blamed.isPresent()) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            Refusal.unread(blamed.get()).send(response, callback);
        } else if (route.mayGoOn()) {
            route.goOn();
            response.reset(); // the other may have begun to answer
            super.handle(request, response, callback);
        } else {
            Refusal.unavailable(String.join("; ", route.failures)).send(response, callback);
        }
    }
}
