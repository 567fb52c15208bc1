package io.flota.scheduler;

import io.flota.daemon.DaemonCommand;
import io.flota.daemon.SettingsException;
import io.flota.daemon.SignsOfLife;
import io.flota.loop.World;
import io.flota.store.EtcdStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `flota-scheduler`.
@Command(
        name = "flota-scheduler",
        mixinStandardHelpOptions = true,
        versionProvider = SchedulerMain.Named.class,
        description = "Answers operators, and decides which unit runs on which machine. Run one or more of it.",
        footer = {
            "",
            "Each option may also be given in the environment (--leader-ttl as FLOTA_LEADER_TTL) or in the settings"
                    + " file (leader-ttl = \"5s\"), in this order."
        })
public final class SchedulerMain implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(SchedulerMain.class);
    /// gRPC's own log; held, since the JDK forgets the level of a logger that nobody holds.
    private static final java.util.logging.Logger GRPC_LOG = java.util.logging.Logger.getLogger("io.grpc");
    /// What is left to end after a signal ends within this, or is cut.
    private static final long STOP_SECONDS = 8;
    private static final String SETTINGS_FILE = "scheduler.toml";

    @Mixin
    SchedulerOptions options = new SchedulerOptions();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "settings file, TOML (default: /etc/flota/scheduler.toml, if it is there)")
    Optional<Path> config = Optional.empty();

    @Option(
            names = "--check-config",
            description = "check the settings and the files that they name, and end: 0 if all is well, else 1")
    boolean checkOnly;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    public static void main(String[] args) {
        // A bug in a loop: the process ends, is started again, and reads all it needs from etcd.
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            log.error("a bug ends this process thread={}", thread.getName(), e);
            Runtime.getRuntime().halt(DaemonCommand.FAILED);
        });
        GRPC_LOG.setLevel(Level.SEVERE); // what fails is told by us, once
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = DaemonCommand.run(new SchedulerMain(), SETTINGS_FILE, args, System.getenv(), err);
        System.exit(code);
    }

    /// Runs until the process is told to stop.
    @Override
    public Integer call() throws SettingsException, InterruptedException {
        var settings = options.check();
        var etcd = options.etcd.settings();
        if (checkOnly) {
            System.err.println("flota-scheduler: the settings are fine");
            return 0;
        }
        log.info("starts version={} etcd={} settings={} file={}", Version.OF_THIS_SCHEDULER, etcd, settings,
                config.map(Path::toString).orElse("none"));
        options.protection.warnOfOpen(etcd);
        try (var store = new EtcdStore(etcd);
                var _ = new Scheduler(settings, store);
                var _ = SignsOfLife.ready(
                        World.REAL, System.getenv(), ProcessHandle.current().pid())) {
            Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
            asked.await();
            log.info("stops");
        } catch (IOException e) {
            System.err.println("flota-scheduler: " + e.getMessage());
            return DaemonCommand.FAILED;
        } finally {
            ended.countDown();
        }
        return 0;
    }

    /// To be told to stop and to stop well is a success, where the JVM would say 143.
    private void stop() {
        if (ended.getCount() == 0) {
            return; // we end by ourselves
        }
        asked.countDown();
        try {
            boolean well = ended.await(STOP_SECONDS, TimeUnit.SECONDS);
            Runtime.getRuntime().halt(well ? 0 : DaemonCommand.FAILED);
        } catch (InterruptedException _) {
            Runtime.getRuntime().halt(DaemonCommand.FAILED);
        }
    }

    static final class Named implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"flota-scheduler " + Version.OF_THIS_SCHEDULER};
        }
    }
}
