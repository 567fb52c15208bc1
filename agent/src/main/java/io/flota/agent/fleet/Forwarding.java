package io.flota.agent.fleet;

import com.google.common.net.HostAndPort;
import io.flota.tls.FreshContext;
import io.flota.tls.PemFiles;
import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/// Passes each request on as it is, and its answer back. Where there is nobody to answer it is 503, as fleet had it.
final class Forwarding extends ProxyHandler {
    private static final String DESTINATION = Forwarding.class.getName();
    private static final long CONNECT_MILLIS = 2_000;
    private static final long IDLE_MILLIS = 30_000;

    private final LeadingScheduler leading;
    private final Optional<SSLContext> tls;

    /// @param files what shows schedulers who we are, and tells whether they are what they say; empty: in plain text
    /// @throws IOException if a TLS file is not what it should be
    Forwarding(LeadingScheduler leading, Optional<PemFiles> files) throws IOException {
        this.leading = leading;
        this.tls = files.isPresent() ? Optional.of(FreshContext.over(files.get())) : Optional.empty();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        try {
            request.setAttribute(DESTINATION, leading.address());
        } catch (NoSchedulerException e) {
            Refusal.unavailable(e.getMessage()).send(response, callback);
            return true;
        }
        return super.handle(request, response, callback);
    }

    @Override
    protected HttpURI rewriteHttpURI(Request request) {
        var destination = (HostAndPort) request.getAttribute(DESTINATION);
        return HttpURI.build(request.getHttpURI())
                .scheme(tls.isPresent() ? "https" : "http")
                .authority(destination.getHost(), destination.getPort());
    }

    @Override
    protected void configureHttpClient(HttpClient client) {
        super.configureHttpClient(client);
        client.setConnectTimeout(CONNECT_MILLIS);
        client.setIdleTimeout(IDLE_MILLIS);
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
        leading.suspect();
        if (response.isCommitted()) {
            callback.failed(failure);
        } else {
            Refusal.unavailable("the leading scheduler at " + request.getAttribute(DESTINATION) + " does not answer: "
                    + failure).send(response, callback);
        }
    }
}
