package io.flota.scheduler.api;

import com.google.common.collect.Lists;
import io.flota.api.v1.EventsReply;
import io.flota.api.v1.EventsRequest;
import io.flota.loop.World;
import io.flota.registry.EventReader;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Keys;
import io.flota.registry.Mirror;
import io.flota.registry.Records;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;

/// Reads events from the store and sends them to clients. No scheduler keeps them.
public final class EventStreams {
    private static final int EVENTS_PER_REPLY = 500;
    /// They are gathered before the first is sent; all of them are sent as they are read.
    private static final int MOST_LAST = 10_000;

    private final World world;
    private final Store store;
    private final Keys keys;
    private final EventReader reader;

    public EventStreams(World world, Store store, Keys keys) {
        this.world = world;
        this.store = store;
        this.keys = keys;
        this.reader = new EventReader(store, keys, world.clock());
    }

    void read(EventsRequest request, Outlet<EventsReply> outlet) throws RefusedException, InterruptedException {
        var selection = EventSelection.of(request);
        long revision = sendPast(request, selection, outlet);
        if (request.getFollow()) {
            var feed = new EventFeed(reader, selection, revision);
            try (var _ = new Mirror(world, store, keys.events(), feed::read, feed)) {
                while (true) {
                    send(feed.take(), outlet);
                }
            }
        }
    }

    /// @return the store's revision up to which all has been sent
    private long sendPast(EventsRequest request, EventSelection selection, Outlet<EventsReply> outlet)
            throws RefusedException, InterruptedException {
        if (request.getLast() > MOST_LAST) {
            throw new RefusedException(
                    Code.INVALID_ARGUMENT, "the last " + MOST_LAST + " events can be asked for at most, or all");
        }
        try {
            if (request.getLast() < 0) {
                return reader.since(0, selection, page -> send(page, outlet));
            }
            var last = reader.last(request.getLast(), selection);
            send(last.events(), outlet);
            return last.revision();
        } catch (StoreException e) {
            throw new RefusedException(Code.UNAVAILABLE, e.getMessage());
        }
    }

    private static void send(List<EventFact> events, Outlet<EventsReply> outlet) throws InterruptedException {
        for (var some : Lists.partition(new ArrayList<>(events), EVENTS_PER_REPLY)) {
            var reply = EventsReply.newBuilder();
            some.forEach(event -> reply.addEvents(Records.of(event.happening())));
            outlet.send(reply.build());
        }
    }
}
