package io.flota.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A TLS context that follows its files: each new connection gets what is in them by then. Looks at the files when
/// there is a connection to make, and at no other time. A file that cannot be used, or a certificate whose key is still
/// on its way, leaves what was before. A change begins a context of its own, so that no session of the one before is
/// resumed.
public final class FreshContext extends SSLContextSpi {
    private static final Logger LOG = LoggerFactory.getLogger(FreshContext.class);

    private final PemFiles files;
    private List<String> stamp;
    private SSLContext context;

    private FreshContext(PemFiles files) throws PemException {
        this.files = files;
        this.stamp = stamp();
        var credentials = files.read().check();
        this.context = credentials.context();
        warnIfExpired(credentials);
    }

    /// @throws PemException if the files cannot be used as they are now
    public static SSLContext over(PemFiles files) throws PemException {
        var fresh = new FreshContext(files);
        return new Delegating(fresh);
    }

    private static final class Delegating extends SSLContext {
        Delegating(FreshContext fresh) {
            super(fresh, fresh.context.getProvider(), fresh.context.getProtocol());
        }
    }

    private synchronized SSLContext current() {
        var now = stamp();
        if (!now.equals(stamp)) {
            stamp = now;
            renew();
        }
        return context;
    }

    private void renew() {
        try {
            var credentials = files.read().check();
            context = credentials.context();
            warnIfExpired(credentials);
            credentials.certificate().ifPresentOrElse(
                    own -> LOG.info("takes the changed TLS files certificate={} serial={} until={}",
                            own.getSubjectX500Principal(), own.getSerialNumber().toString(16),
                            own.getNotAfter().toInstant()),
                    () -> LOG.info("takes the changed TLS files authority={}", files.authority().orElseThrow()));
        } catch (PemException e) {
            LOG.warn("cannot use the changed TLS files, those from before stay in use because={}", e.getMessage());
        }
    }

    private static void warnIfExpired(Credentials credentials) {
        credentials
                .certificate()
                .filter(own -> own.getNotAfter().toInstant().isBefore(Instant.now()))
                .ifPresent(own -> LOG.warn("our certificate has expired, others refuse it certificate={} until={}",
                        own.getSubjectX500Principal(), own.getNotAfter().toInstant()));
    }

    /// Tells one state of the files from the next.
    private List<String> stamp() {
        return files.paths().stream().map(FreshContext::stamp).toList();
    }

    private static String stamp(Path file) {
        try {
            var found = Files.readAttributes(file, BasicFileAttributes.class);
            return found.lastModifiedTime() + " " + found.size() + " " + found.fileKey();
        } catch (IOException e) {
            return e.toString(); // reading it will say so
        }
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
            throws KeyManagementException {
        throw new KeyManagementException("this context has its keys from files");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return current().getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        return current().getServerSocketFactory();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return current().createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        return current().createSSLEngine(host, port);
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return current().getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return current().getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
        return current().getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
        return current().getSupportedSSLParameters();
    }
}
