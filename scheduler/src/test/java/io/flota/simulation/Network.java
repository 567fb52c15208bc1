package io.flota.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// What lies between processes and etcd: it delays, loses and holds up what is sent, and so reorders it.
final class Network {
    private static final double SPIKE = 0.01;
    private static final double LATE = 0.0005;

    /// One process's way to etcd and back.
    private static final class Link {
        private final String place;
        private boolean requestsCut;
        private boolean answersCut;
        private double slowness = 1;
        private final List<Runnable> held = new ArrayList<>();
        private final List<Runnable> heldInStreams = new ArrayList<>();

        Link(String place) {
            this.place = place;
        }
    }

    private final Timeline timeline;
    private final SplittableRandom random;
    private final TreeMap<String, Link> links = new TreeMap<>();
    private final BiConsumer<String, Duration> witness;
    private boolean calm;

    /// @param witness is told of which place a message is late without a fault, and by how much
    Network(Timeline timeline, SplittableRandom random, BiConsumer<String, Duration> witness) {
        this.timeline = timeline;
        this.random = random;
        this.witness = witness;
    }

    /// From now on nothing gets through, or only one way.
    void cut(String place, boolean requests, boolean answers) {
        link(place).requestsCut = requests;
        link(place).answersCut = answers;
    }

    /// What was held up arrives late, or never; what is part of a stream arrives in any case.
    void mend(String place) {
        var link = link(place);
        link.requestsCut = false;
        link.answersCut = false;
        var held = List.copyOf(link.held);
        link.held.clear();
        held.stream().filter(_ -> random.nextBoolean()).forEach(one -> timeline.after(latency(link), one));
        var inStreams = List.copyOf(link.heldInStreams);
        link.heldInStreams.clear();
        inStreams.forEach(one -> timeline.after(latency(link), one));
    }

    boolean isCut(String place) {
        return link(place).requestsCut || link(place).answersCut;
    }

    /// From now on all arrives soon.
    void calm() {
        calm = true;
    }

    /// @param times how much longer everything takes
    void slow(String place, double times) {
        link(place).slowness = times;
    }

    void request(String place, Runnable arrival) {
        var link = link(place);
        if (link.requestsCut) {
            link.held.add(arrival);
        } else {
            timeline.after(latency(link), arrival);
        }
    }

    /// Something is on its way for so much longer, whatever happens to who sent it.
    void hold(Runnable arrival, Duration longer) {
        timeline.after(longer, arrival);
    }

    void answer(String place, Runnable arrival) {
        var link = link(place);
        if (link.answersCut) {
            link.held.add(arrival);
        } else {
            timeline.after(latency(link), arrival);
        }
    }

    /// As [#answer], for messages of which none may be lost while the stream is whole.
    void stream(String place, Runnable arrival) {
        var link = link(place);
        if (link.answersCut) {
            link.heldInStreams.add(arrival);
        } else {
            timeline.after(latency(link), arrival);
        }
    }

    private Duration latency(Link link) {
        double chance = random.nextDouble();
        double millis = 0.2 + 2 * random.nextDouble();
        if (calm) {
            return Duration.ofNanos((long) (millis * 1_000_000));
        }
        millis *= link.slowness;
        if (chance < LATE) {
            millis += 500 + 8_000 * random.nextDouble();
            witness.accept(link.place, Duration.ofMillis((long) millis));
        } else if (chance < SPIKE) {
            millis += 20 + 400 * random.nextDouble();
        }
        return Duration.ofNanos((long) (millis * 1_000_000));
    }

    private Link link(String place) {
        return links.computeIfAbsent(place, Link::new);
    }
}
