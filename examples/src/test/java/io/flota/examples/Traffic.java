package io.flota.examples;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// A visitor who asks for a page fifty times a second, never twice over the same connection, and counts what fails:
/// no answer within a second (or as long as it is told to wait), or another one than 200.
public final class Traffic implements AutoCloseable {
    public static final int PER_SECOND = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final URI page;
    private final Proxy way;
    private final Duration patience;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong firstFailure = new AtomicLong();
    private final AtomicLong lastFailure = new AtomicLong();

    Traffic(String page) {
        this(URI.create(page), Proxy.NO_PROXY);
    }

    /// @param patience how long it waits for a connection, and then for an answer
    public Traffic(URI page, Duration patience) {
        this(page, Proxy.NO_PROXY, patience);
    }

    /// For a page whose host has no address: a server is asked for it that has to know it by its name.
    ///
    /// @param way of [#by]
    public Traffic(URI page, Proxy way) {
        this(page, way, PATIENCE);
    }

    private Traffic(URI page, Proxy way, Duration patience) {
        this.page = page;
        this.way = way;
        this.patience = patience;
        clock.scheduleAtFixedRate(
                () -> requests.execute(this::ask), 0, 1_000_000 / PER_SECOND, TimeUnit.MICROSECONDS);
    }

    private void ask() {
        asked.incrementAndGet();
        if (!answers(page, way, patience)) {
            long now = System.nanoTime();
            failed.incrementAndGet();
            firstFailure.compareAndSet(0, now);
            lastFailure.accumulateAndGet(now, Math::max);
        }
    }

    static boolean answers(URI page) {
        return answers(page, Proxy.NO_PROXY, PATIENCE);
    }

    private static boolean answers(URI page, Proxy way, Duration patience) {
        try {
            return !get(page, way, patience).isEmpty();
        } catch (IOException _) {
            return false; // what this class counts
        }
    }

    /// A way to pages whose hosts have no address, by a server that knows them.
    public static Proxy by(String address, int port) {
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(address, port));
    }

    /// The page's text.
    public static String get(URI page) throws IOException {
        return get(page, Proxy.NO_PROXY);
    }

    /// The page's text.
    ///
    /// @param way of [#by]
    public static String get(URI page, Proxy way) throws IOException {
        return get(page, way, PATIENCE);
    }

    private static String get(URI page, Proxy way, Duration patience) throws IOException {
        var connection = (HttpURLConnection) page.toURL().openConnection(way);
        try {
            connection.setConnectTimeout((int) patience.toMillis());
            connection.setReadTimeout((int) patience.toMillis());
            connection.setRequestProperty("Connection", "close");
            if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                throw new IOException("answered " + connection.getResponseCode());
            }
            return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            connection.disconnect();
        }
    }

    /// @param away from the first failed request to the last
    public record Tally(long asked, long failed, Duration away) {}

    public Tally tally() {
        return new Tally(
                asked.get(), failed.get(), Duration.ofNanos(Math.max(0, lastFailure.get() - firstFailure.get())));
    }

    /// Asks no more, and waits for what it has asked.
    public Tally end() {
        clock.close();
        requests.close();
        return tally();
    }

    @Override
    public void close() {
        clock.close();
        requests.shutdown();
    }
}
