package io.flota.scheduler.api;

import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.scheduler.model.Model;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// Follows journals for one client: of units that move, that come later, on machines that go and return.
final class JournalFollowing {
    /// Changes of the cluster come in bursts.
    private static final Duration FOLDED = Duration.ofMillis(100);
    /// How often what broke off, or is awaited, is looked at; what becomes of it is decided by [JournalTails].
    private static final Duration RETRY = Duration.ofMillis(250);
    /// A client takes a scheduler that has said nothing for three of these for lost.
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private final Model model;
    private final JournalStreams streams;
    private final JournalTails tails;
    private final Outlet<JournalReply> outlet;
    private boolean caughtUp;
    private long sentAt = System.nanoTime();

    private JournalFollowing(Model model, JournalStreams streams, JournalTails tails, Outlet<JournalReply> outlet) {
        this.model = model;
        this.streams = streams;
        this.tails = tails;
        this.outlet = outlet;
    }

    /// Until the client goes, or all that it asked for has been destroyed.
    ///
    /// @param remarks for the client, before anything else
    static void run(
            JournalRequest request, JournalSelection selection, List<String> remarks, Model model, Journals journals,
            Outlet<JournalReply> outlet)
            throws InterruptedException {
        var tails = new JournalTails(selection, request, ChronoUnit.MICROS.between(Instant.EPOCH, model.now()));
        try (var streams = journals.streams()) {
            for (var remark : remarks) {
                outlet.send(JournalReply.newBuilder().setNotice(remark).build());
            }
            var following = new JournalFollowing(model, streams, tails, outlet);
            streams.alongside(following::wakeOnChange);
            following.follow();
        }
    }

    private void wakeOnChange() {
        try {
            for (var view = model.latest(); ; view = model.awaitChange(view)) {
                streams.wake();
                Thread.sleep(FOLDED);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the client has gone
        }
    }

    private void follow() throws InterruptedException {
        while (true) {
            var cluster = model.latest().cluster();
            tails.due(cluster, System.nanoTime()).forEach(it -> streams.open(it.source(), it.address(), it.request()));
            if (tails.isOver(cluster)) {
                return;
            }
            tell();
            long lookAt = System.nanoTime() + (tails.isWaiting() || !caughtUp ? RETRY : HEARTBEAT).toNanos();
            boolean changed = false;
            for (long left = RETRY.toNanos(); !changed && left > 0; left = lookAt - System.nanoTime()) {
                var message = streams.take(Duration.ofNanos(left));
                changed = message.isPresent() && take(message.get());
            }
            if (System.nanoTime() - sentAt >= HEARTBEAT.toNanos()) {
                send(JournalReply.getDefaultInstance());
            }
        }
    }

    private void send(JournalReply reply) throws InterruptedException {
        outlet.send(reply);
        sentAt = System.nanoTime();
    }

    /// @return whether there may be something to open
    private boolean take(JournalStreams.Message message) throws InterruptedException {
        switch (message) {
            case JournalStreams.Lines(var source, var reply) -> {
                tails.read(source, reply, System.nanoTime());
                tell();
                if (reply.getLinesCount() > 0) {
                    send(reply);
                }
                return false;
            }
            case JournalStreams.End(var source, var status) -> {
                tails.ended(source, status, System.nanoTime());
                return true;
            }
            case JournalStreams.Wake() -> {
                return true;
            }
        }
    }

    private void tell() throws InterruptedException {
        for (var notice : tails.takeNotices()) {
            send(JournalReply.newBuilder().setNotice(notice).build());
        }
        if (!caughtUp && tails.isCaughtUp(System.nanoTime())) {
            caughtUp = true;
            send(JournalReply.newBuilder().setCaughtUp(true).build());
        }
    }
}
