package io.flota.store;

import com.google.common.util.concurrent.MoreExecutors;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.KV;
import io.flota.tls.FreshContext;
import io.flota.tls.NettyTls;
import io.flota.tls.PemException;
import io.flota.tls.PemFiles;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/// One member of the etcd cluster, and the jetcd client that talks to it.
final class EtcdMember implements AutoCloseable {
    private static final int DEFAULT_PORT = 2379;
    /// The shortest that gRPC accepts. With the answer's timeout a dead connection ends within 12 s.
    private static final Duration PING_AFTER = Duration.ofSeconds(10);
    private static final Duration PING_TIMEOUT = Duration.ofSeconds(2);
    /// A snapshot of 100,000 units and more; gRPC's default of 4 MiB is reached by a few thousand.
    private static final int MAX_ANSWER_BYTES = 64 << 20;

    /// One connection. Its parts are made at once, since a client that is closed would make new ones.
    record Connection(
            Client client, KV kv, io.etcd.jetcd.Lease leases, io.etcd.jetcd.Watch watches, long madeNanos) {
        static Connection of(Client client) {
            return new Connection(
                    client, client.getKVClient(), client.getLeaseClient(), client.getWatchClient(), System.nanoTime());
        }

        /// Whether it had more than enough time to be there. Before, it may be about to be.
        boolean isOld() {
            return System.nanoTime() - madeNanos > PING_AFTER.plus(PING_TIMEOUT).toNanos();
        }
    }

    /// Logs each failure to resolve a name with its stack, which the caller hears of in one line. Held here, since a
    /// logger that nobody holds forgets its level.
    private static final Logger CHANNELS = Logger.getLogger("io.grpc.internal.ManagedChannelImpl");

    static {
        CHANNELS.setLevel(Level.OFF);
    }

    private final String name;
    private final ClientBuilder builder;
    private volatile Connection connection;
    private boolean closed;

    EtcdMember(URI endpoint, EtcdSettings settings) {
        int port = endpoint.getPort() < 0 ? DEFAULT_PORT : endpoint.getPort();
        this.name = endpoint.toString();
        this.builder = Client.builder()
                .target("dns:///" + endpoint.getHost() + ":" + port)
                .loadBalancerPolicy("pick_first")
                .waitForReady(false)
                .retryMaxAttempts(0)
                // Only hands the request on to gRPC, which can as well be done by who asks.
                .executorService(MoreExecutors.newDirectExecutorService())
                .interceptor(new EtcdAttempt.Interceptor(settings.callTimeout()))
                .connectTimeout(settings.callTimeout())
                .keepaliveTime(PING_AFTER)
                .keepaliveTimeout(PING_TIMEOUT)
                .keepaliveWithoutCalls(false)
                .maxInboundMessageSize(MAX_ANSWER_BYTES);
        if (EtcdSettings.isSecure(endpoint)) {
            builder.sslContext(tls(settings));
        }
        settings.login().ifPresent(login -> builder.user(bytes(login.user())).password(bytes(login.password())));
        this.connection = Connection.of(builder.build());
    }

    Connection connection() {
        return connection;
    }

    /// Takes a new client instead of one that could not connect, so that the next call tries at once: gRPC's own pause
    /// between attempts grows to two minutes, and jetcd cannot cut it short. Costs no other call, as none had a
    /// connection.
    void reconnect(Connection failed) {
        if (replace(failed)) {
            failed.client().close();
        }
    }

    private synchronized boolean replace(Connection failed) {
        if (closed || connection != failed) {
            return false;
        }
        connection = Connection.of(builder.build());
        return true;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        connection.client().close();
    }

    @Override
    public String toString() {
        return name;
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    /// Read anew for each connection, if the files have changed by then.
    private static SslContext tls(EtcdSettings settings) {
        var files = settings.tls().orElseGet(() -> new PemFiles(Optional.empty(), Optional.empty()));
        try {
            return NettyTls.client(FreshContext.over(files));
        } catch (PemException e) {
            throw new IllegalArgumentException("the TLS files for etcd cannot be used: " + e.getMessage(), e);
        }
    }
}
