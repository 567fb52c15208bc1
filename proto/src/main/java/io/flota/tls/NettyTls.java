package io.flota.tls;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import javax.net.ssl.SSLContext;

/// A context of the JDK as gRPC's transport wants it: HTTP/2, with TLS 1.2 or 1.3.
public final class NettyTls {
    private static final ApplicationProtocolConfig HTTP_2 = new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_2);

    private NettyTls() {}

    public static SslContext client(SSLContext context) {
        return context(context, true, ClientAuth.NONE);
    }

    /// Wants a certificate of each client.
    public static SslContext server(SSLContext context) {
        return context(context, false, ClientAuth.REQUIRE);
    }

    private static SslContext context(SSLContext context, boolean client, ClientAuth clientAuth) {
        return new JdkSslContext(
                context,
                client,
                Http2SecurityUtil.CIPHERS,
                SupportedCipherSuiteFilter.INSTANCE,
                HTTP_2,
                clientAuth,
                new String[] {"TLSv1.3", "TLSv1.2"},
                false);
    }
}
