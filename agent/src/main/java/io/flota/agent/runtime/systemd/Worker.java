package io.flota.agent.runtime.systemd;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.systemd.ManagerObject.ListedUnit;
import io.flota.agent.runtime.systemd.News.Changed;
import io.flota.agent.runtime.systemd.News.JobEnded;
import io.flota.agent.runtime.systemd.News.Lost;
import io.flota.loop.World;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that talks to systemd: takes in what systemd tells, and has carried out what is due. A connection
/// that is lost is made anew, and then all units are asked for once, since what was told meanwhile was not heard.
final class Worker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    /// How often unit files are looked at, which nobody tells of.
    private static final Duration REST = Duration.ofSeconds(30);
    private static final Duration FIRST_RETRY = Duration.ofMillis(50);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);

    /// What systemd tells in one go has arrived by then.
    private static final Duration SETTLED = Duration.ofMillis(10);

    private final Bus bus;
    private final Units units;
    private final Hands hands;
    private final Runnable changed;
    private final ConcurrentLinkedQueue<News> news = new ConcurrentLinkedQueue<>();
    private final Semaphore wake = new Semaphore(0);
    private final CountDownLatch ended = new CountDownLatch(1);
    /// What of a unit's properties was told last, and is not complete yet; by path.
    private final Map<String, Map<String, Object>> halves = new HashMap<>();
    private volatile Optional<Systemd> systemd = Optional.empty();
    private Duration retry = FIRST_RETRY;
    private volatile long mendedNanos = System.nanoTime();
    private long askedNanos = System.nanoTime();
    private boolean unwritten;
    private boolean unread;
    private volatile boolean closing;
    /// Since when systemd cannot be asked, and why; empty while it can.
    private volatile Optional<Outage> outage = Optional.empty();

    private record Outage(long sinceNanos, String because) {}

    /// @param changed is told, by this thread, that units may be seen to differ
    Worker(Bus bus, Units units, Hands hands, Runnable changed) {
        this.bus = bus;
        this.units = units;
        this.hands = hands;
        this.changed = changed;
    }

    /// @throws RuntimeUnavailableException if systemd cannot be asked now
    void start() throws RuntimeUnavailableException {
        try {
            connect();
        } catch (BusLostException e) {
            throw new RuntimeUnavailableException(e.getMessage() + "; --runtime exec does without systemd", e);
        }
        Thread.ofPlatform().name("systemd-runtime").daemon().start(this::run);
    }

    /// There may be something to do.
    void signal() {
        wake.release();
    }

    /// Has unit files looked at now.
    void look() {
        mendedNanos = longAgo();
        wake.release();
    }

    private static long longAgo() {
        return System.nanoTime() - REST.toNanos() - 1;
    }

    /// @param blink for how long what was seen last is taken for true
    /// @throws RuntimeUnavailableException if systemd could not be asked for longer
    void check(Duration blink) throws RuntimeUnavailableException {
        var lost = outage;
        if (closing) {
            throw new RuntimeUnavailableException("the systemd runtime is closed");
        }
        if (lost.isPresent() && System.nanoTime() - lost.get().sinceNanos() > blink.toNanos()) {
            throw new RuntimeUnavailableException(lost.get().because());
        }
    }

    /// For questions that change nothing; any thread may ask them.
    ///
    /// @throws RuntimeUnavailableException if systemd cannot be asked now
    Systemd connection() throws RuntimeUnavailableException {
        return systemd.orElseThrow(() -> new RuntimeUnavailableException(
                outage.map(Outage::because).orElse("the systemd runtime is closed")));
    }

    private void tell(News item) {
        news.add(item);
        wake.release();
    }

    private void run() {
        try {
            while (!closing) {
                boolean _ = wake.tryAcquire(rest().toNanos(), TimeUnit.NANOSECONDS);
                wake.drainPermits();
                pass();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            systemd.ifPresent(Systemd::close);
            ended.countDown();
        }
    }

    private Duration rest() {
        if (outage.isPresent() || unwritten || unread) {
            return retry;
        }
        return units.putsOff() ? LONGEST_RETRY : REST;
    }

    private void pass() {
        try {
            if (systemd.isEmpty()) {
                connect();
            }
            boolean seen = takeNews();
            if (systemd.isEmpty()) {
                return; // lost just now
            }
            if (seen) {
                changed.run();
            }
            if (System.nanoTime() - mendedNanos > REST.toNanos()) {
                mendedNanos = System.nanoTime();
                hands.mend(systemd.orElseThrow());
                hands.retry(systemd.orElseThrow());
            }
            if (System.nanoTime() - askedNanos > LONGEST_RETRY.toNanos()) {
                askedNanos = System.nanoTime();
                units.askAgain();
            }
            if (work()) {
                changed.run();
            }
            recovered();
        } catch (BusLostException e) {
            lost(e.getMessage());
        } catch (IOException e) {
            cannotWrite(e);
        } catch (RefusedException e) {
            notRead(e);
        }
    }

    private boolean work() throws BusLostException, IOException, RefusedException {
        boolean any = false;
        for (Work work = units.work(); !work.isEmpty() || hands.isReloadDue(); work = units.work()) {
            hands.carryOut(systemd.orElseThrow(), work);
            boolean _ = takeNews();
            any = true;
            if (systemd.isEmpty()) {
                return true;
            }
        }
        return any;
    }

    /// @return whether units may be seen to differ
    private boolean takeNews() throws BusLostException {
        var batch = new ArrayList<News>();
        drainTo(batch);
        if (batch.stream().anyMatch(Worker::tellsAnEnd)) {
            // systemd says "failed" in passing, before it says that Restart= will start the unit again.
            systemd.orElseThrow().settle();
            LockSupport.parkNanos(SETTLED.toNanos());
            drainTo(batch);
        }
        boolean any = refuse(batch);
        synchronized (units) { // so that nobody sees what is in between
            for (var item : batch) {
                any |= take(item);
            }
        }
        return any;
    }

    /// What comes up and was not asked for may be a unit that the host has got since, under a name of ours.
    ///
    /// @return whether it is
    private boolean refuse(List<News> batch) throws BusLostException {
        var risen = batch.stream()
                .flatMap(item -> item instanceof Changed(String path, var properties)
                        ? units.risen(path, properties).stream()
                        : Stream.empty())
                .distinct()
                .toList();
        return !risen.isEmpty() && systemd.isPresent() && !hands.refuse(systemd.get(), risen).isEmpty();
    }

    private void drainTo(List<News> batch) {
        for (var item = news.poll(); item != null; item = news.poll()) {
            batch.add(item);
        }
    }

    private static boolean tellsAnEnd(News item) {
        return item instanceof Changed(_, var properties)
                && ("failed".equals(properties.get("ActiveState")) || "inactive".equals(properties.get("ActiveState")));
    }

    private boolean take(News item) {
        return switch (item) {
            case Changed(String path, var properties) -> change(path, properties);
            case JobEnded(String job, String unit, String result) ->
                UnitName.problem(unit).isEmpty() && units.ended(job, new UnitName(unit), result);
            case Lost(Systemd connection) -> {
                if (systemd.filter(connection::equals).isPresent()) {
                    lost("the connection to systemd at " + bus.socket() + " was lost");
                }
                yield false;
            }
        };
    }

    /// systemd tells of a change twice: first what only units of its type have, then what all have.
    private boolean change(String path, Map<String, Object> properties) {
        if (!properties.containsKey("ActiveState")) {
            halves.put(path, properties);
            return false;
        }
        var whole = new HashMap<>(Optional.ofNullable(halves.remove(path)).orElse(Map.of()));
        whole.putAll(properties);
        return units.changed(path, whole, now(), Instant.now());
    }

    private void connect() throws BusLostException {
        halves.clear();
        news.clear(); // of the connection before: it is older than what is asked for now
        var connection = Systemd.connect(bus, this::tell);
        try {
            hands.meet(connection);
            resync(connection);
        } catch (BusLostException e) {
            connection.close();
            throw e;
        }
        systemd = Optional.of(connection);
        if (outage.isPresent()) {
            log.info("systemd can be asked again, and all units were");
            mendedNanos = longAgo();
        }
        outage = Optional.empty();
        changed.run();
    }

    private void resync(Systemd connection) throws BusLostException {
        var entries = units.entries().stream()
                .filter(entry -> entry.broken().isEmpty() || !entry.isDown())
                .toList();
        var names = entries.stream().map(entry -> entry.name().full()).toList();
        var down = entries.stream().filter(Entry::isDown).map(Entry::name).collect(toImmutableSet());
        try {
            // By their names first: some may have to be loaded for the purpose.
            for (var listed : names.isEmpty() ? List.<ListedUnit>of() : connection.units(names)) {
                var job = Jobs.Listed.of(listed);
                var properties = connection.properties(listed.name);
                var name = new UnitName(listed.name);
                if (down.contains(name) && hands.isForeign(name, properties.get("FragmentPath") + "")) {
                    var _ = hands.refuse(connection, List.of(name));
                } else {
                    units.resync(name, properties, job, now(), Instant.now());
                }
            }
        } catch (RefusedException e) {
            throw new BusLostException("systemd does not say how its units are: " + e.getMessage(), e);
        }
    }

    private void lost(String because) {
        systemd.ifPresent(Systemd::close);
        systemd = Optional.empty();
        units.disconnected();
        failed(because);
    }

    /// Also one that is lost as soon as it is there is not asked for without a pause.
    private void failed(String because) {
        backOff();
        if (outage.isEmpty()) {
            log.warn("systemd cannot be asked, units run on because={}", because);
            outage = Optional.of(new Outage(System.nanoTime(), because));
        }
    }

    /// All but units whose files are new goes on.
    private void notRead(RefusedException because) {
        if (unread) {
            backOff();
        } else {
            log.warn("systemd does not read unit files, new ones are not started because={}", because.getMessage());
            unread = true;
        }
        changed.run();
    }

    /// What is asked for waits; what happens is seen all the same.
    private void cannotWrite(IOException because) {
        if (because instanceof NoSuchFileException) {
            mendedNanos = longAgo(); // somebody has removed the folder
        }
        if (unwritten) {
            backOff();
        } else {
            log.warn("cannot write what has to outlive the agent, nothing is started or stopped because={}",
                    because.toString());
            unwritten = true;
        }
    }

    private void backOff() {
        retry = retry.multipliedBy(2).compareTo(LONGEST_RETRY) < 0 ? retry.multipliedBy(2) : LONGEST_RETRY;
    }

    private void recovered() {
        if (unwritten) {
            log.info("what has to outlive the agent can be written again");
        }
        if (unread) {
            log.info("systemd has read unit files again");
        }
        unwritten = false;
        unread = false;
        outage = Optional.empty();
        retry = FIRST_RETRY;
    }

    private static Duration now() {
        return Duration.ofNanos(World.REAL.uptime().read());
    }

    @Override
    public void close() {
        closing = true;
        wake.release();
        try {
            boolean _ = ended.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
