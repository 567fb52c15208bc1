package io.flota.agent.fleet;

import com.google.common.net.HostAndPort;
import io.flota.tls.FreshContext;
import io.flota.tls.PemFiles;
import java.io.IOException;
import java.util.Optional;
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

/// Passes each request on as it is, and its answer back. Where there is nobody to answer it is 503, as fleet had it.
final class Forwarding extends ProxyHandler {
    private static final String DESTINATION = Forwarding.class.getName() + ".destination";
    private static final String BODY = Forwarding.class.getName() + ".body";
    private static final long CONNECT_MILLIS = 2_000;
    /// Of a connection that nobody uses: less than the 20 s after which a scheduler ends it, perhaps while we ask anew.
    private static final long UNUSED_MILLIS = 15_000;
    /// Of one that is in use: a scheduler has ended the request by then, or it is stuck.
    private static final long SILENT_MILLIS = 30_000;

    private final LeadingScheduler leading;
    private final Optional<SSLContext> tls;

    /// @param files what shows schedulers who we are, and tells whether they are what they say; empty: in plain text
    /// @throws IOException if a TLS file is not what it should be
    Forwarding(LeadingScheduler leading, Optional<PemFiles> files) throws IOException {
        this.leading = leading;
        this.tls = files.isPresent() ? Optional.of(FreshContext.over(files.get())) : Optional.empty();
    }

    /// Reads what a client sends, and knows afterwards whether it was the client who failed.
    private static final class Body extends ProxyRequestContent {
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private volatile boolean isGivenUp;
        private volatile boolean isWhole;

        Body(Request request) {
            super(request);
        }

        @Override
        public Content.Chunk read() {
            var chunk = super.read();
            if (Content.Chunk.isFailure(chunk)) {
                if (!isGivenUp) {
                    failure.compareAndSet(null, chunk.getFailure());
                }
            } else if (chunk != null && chunk.isLast()) {
                isWhole = true;
            }
            return chunk;
        }

        @Override
        public void fail(Throwable why) {
            isGivenUp = true;
            super.fail(why);
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
            request.setAttribute(DESTINATION, leading.address());
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

    @Override
    protected org.eclipse.jetty.client.Request newProxyToServerRequest(Request request, HttpURI uri) {
        return super.newProxyToServerRequest(request, uri).idleTimeout(SILENT_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    protected org.eclipse.jetty.client.Request.Content newProxyToServerRequestContent(
            Request request, Response response, org.eclipse.jetty.client.Request passed) {
        var body = new Body(request);
        request.setAttribute(BODY, body);
        return body;
    }

    @Override
    protected HttpURI rewriteHttpURI(Request request) {
        var destination = (HostAndPort) request.getAttribute(DESTINATION);
        return HttpURI.build(request.getHttpURI())
                .scheme(tls.isPresent() ? "https" : "http")
                .authority(destination.toString());
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
        var blamed = request.getAttribute(BODY) instanceof Body body ? body.blame(failure) : Optional.<Throwable>empty();
        if (blamed.isEmpty()) {
            leading.suspect();
        }
        if (response.isCommitted()) {
            callback.failed(failure);
        } else if (blamed.isPresent()) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            Refusal.unread(blamed.get()).send(response, callback);
        } else {
            Refusal.unavailable("the leading scheduler at " + request.getAttribute(DESTINATION) + " does not answer: "
                    + failure).send(response, callback);
        }
    }
}
