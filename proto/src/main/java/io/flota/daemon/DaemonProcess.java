package io.flota.daemon;

import com.google.common.collect.ImmutableList;
import io.flota.daemon.Daemon.Ending;
import io.flota.daemon.Daemon.Working;
import io.flota.loop.World;
import io.flota.store.EtcdStore;
import io.flota.store.Store;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A process of one daemon or several: from its settings to its exit code, by what signals tell it.
///
/// All that fails at the start ends it, with the reason; what is a bug in one daemon ends all.
public final class DaemonProcess {
    private static final Logger LOG = LoggerFactory.getLogger(DaemonProcess.class);
    private static final int STOPPED = 0;
    /// What is left to end beyond the daemons' own limits ends within this, or is cut.
    private static final Duration SPARE = Duration.ofSeconds(8);

    private final String name;
    private final Reading settings;
    private final PrintWriter err;
    private final BlockingQueue<String> signals = new LinkedBlockingQueue<>();
    private final AtomicBoolean isEnding = new AtomicBoolean();
    private final Thread lastResort = Thread.ofPlatform().daemon().name("last resort").unstarted(this::cut);
    private volatile Duration cutAfter = SPARE;

    private DaemonProcess(String name, Reading settings, PrintWriter err) {
        this.name = name;
        this.settings = settings;
        this.err = err;
    }

    /// For a `main`: never returns.
    static void main(String name, ToIntFunction<PrintWriter> run) {
        Thread.setDefaultUncaughtExceptionHandler((thread, bug) -> {
            LOG.error("a bug ends {}; units run on, start it again thread={}", name, thread.getName(), bug);
            Runtime.getRuntime().halt(DaemonCommand.FAILED);
        });
        int exit = run.applyAsInt(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        // Nothing of ours needs a shutdown hook, and nothing may hold up the end.
        Runtime.getRuntime().halt(exit);
    }

    /// The `main` of a process that has one daemon.
    public static void main(String name, Supplier<? extends Daemon> daemon, String[] args) {
        main(name, err -> run(daemon, args, System.getenv(), err));
    }

    /// @param daemon makes another one for each reading of the settings
    /// @return the exit code
    public static int run(
            Supplier<? extends Daemon> daemon, String[] args, Map<String, String> environment, PrintWriter err) {
        var words = List.of(args);
        var first = daemon.get();
        return DaemonCommand.run(first, first.settingsFile(), words, environment, err, filled -> {
            var reading = new Reading(() -> List.of(DaemonSettings.read(daemon.get(), words, environment, Map.of())));
            return run(filled.name(), reading, List.of(new DaemonSettings(first, filled)), err);
        });
    }

    /// @param reading how to read the settings anew
    /// @param now the settings to begin with, which are filled; daemons start and end in this order
    /// @throws SettingsException with every problem
    static int run(String name, Reading reading, List<DaemonSettings> now, PrintWriter err)
            throws SettingsException, InterruptedException {
        return new DaemonProcess(name, reading, err).run(ImmutableList.copyOf(now));
    }

    private int run(ImmutableList<DaemonSettings> daemons) throws SettingsException, InterruptedException {
        var checked = DaemonSettings.check(daemons);
        var etcd = DaemonSettings.etcd(daemons);
        if (daemons.getFirst().daemon().process().checkOnly) {
            daemons.forEach(it -> DaemonCommand.tell(it.name(), it.settings().translationInWords(), err));
            err.println(name + ": the settings are fine");
            return STOPPED;
        }
        Signals.onEach(this::told); // from here on a signal means what it is to mean, be the daemons ready or not
        settings.begin(daemons);
        for (int i = 0; i < checked.size(); i++) {
            LOG.info("starts daemon={} version={} etcd={} settings={} file={}",
                    daemons.get(i).name(), daemons.get(i).daemon().version(), etcd, checked.get(i), daemons.get(i).file());
        }
        daemons.getFirst().daemon().protection().warnOfOpen(etcd);
        try (var store = new EtcdStore(etcd)) {
            return work(daemons, store);
        } catch (IOException e) {
            err.println(name + ": " + e.getMessage());
            return DaemonCommand.FAILED;
        } finally {
            lastResort.interrupt(); // what the JVM itself does from here on, such as to write a cache, may take its time
        }
    }

    private int work(List<DaemonSettings> daemons, Store store)
            throws IOException, SettingsException, InterruptedException {
        var working = new ArrayDeque<Working>();
        try {
            for (var each : daemons) {
                working.addLast(each.daemon().start(store));
            }
            try (var signs = SignsOfLife.ready(
                    World.REAL, System.getenv(), ProcessHandle.current().pid())) {
                var ending = awaitEnd(List.copyOf(working));
                var limit = working.stream().map(Working::stopLimit).reduce(Duration.ZERO, Duration::plus);
                signs.ending(limit);
                cutAfter = limit.plus(SPARE);
                lastResort.start();
                return stop(working, ending) ? STOPPED : DaemonCommand.FAILED;
            }
        } finally {
            working.descendingIterator().forEachRemaining(Working::close);
        }
    }

    private Ending awaitEnd(List<Working> working) throws InterruptedException {
        while (true) {
            var signal = signals.take();
            if (!signal.equals(Signals.RELOAD)) {
                return signal.equals(Signals.REPLACED) ? Ending.REPLACED : Ending.STOP;
            }
            settings.again(working);
        }
    }

    private static boolean stop(Iterable<Working> working, Ending ending) throws InterruptedException {
        var ended = new ArrayList<Boolean>();
        for (var each : working) {
            ended.add(each.stop(ending));
        }
        return !ended.contains(false);
    }

    private void told(String signal) {
        if (!signal.equals(Signals.RELOAD) && isEnding.getAndSet(true)) {
            LOG.warn("told to end for the second time: ends at once, units run on");
            Runtime.getRuntime().halt(DaemonCommand.FAILED);
        }
        signals.add(signal);
    }

    /// Whatever hangs at the end does not keep the process.
    private void cut() {
        try {
            Thread.sleep(cutAfter);
            LOG.error("does not end by itself: ends now limit={}", cutAfter);
            Runtime.getRuntime().halt(DaemonCommand.FAILED);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // all has ended
        }
    }
}
