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
        var past = past(request, selection);
        send(past.events(), outlet);
        if (request.getFollow()) {
            var feed = new EventFeed(reader, selection, past.revision());
            try (var _ = new Mirror(world, store, keys.events(), feed::read, feed)) {
                while (true) {
                    send(feed.take(), outlet);
                }
            }
        }
    }

    private EventReader.Events past(EventsRequest request, EventSelection selection) throws RefusedException {
        try {
            return request.getLast() < 0 ? reader.since(0, selection) : reader.last(request.getLast(), selection);
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
