package io.flota.scheduler;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.daemon.Daemon;
import io.flota.daemon.DaemonOptions;
import io.flota.daemon.DaemonProcess;
import io.flota.daemon.EtcdOptions;
import io.flota.daemon.ListenOptions;
import io.flota.daemon.SettingsException;
import io.flota.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/// `flota-scheduler`.
@Command(
        name = SchedulerMain.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = SchedulerMain.Named.class,
        description = "Answers operators, and decides which unit runs on which machine. Run one or more of it.",
        footer = {
            "",
            "Each option may also be given in the environment (--leader-ttl as FLOTA_LEADER_TTL), in the settings file"
                    + " (leader-ttl = \"5s\"), or as a fleetd was told (FLEET_* and fleet.conf), in this order.",
            "SIGTERM and SIGINT end it, and another one leads at once. SIGHUP has it read its settings anew."
        })
public final class SchedulerMain implements Daemon {
    static final String NAME = "flota-scheduler";

    /// gRPC's own log; held, since the JDK forgets the level of a logger that nobody holds. What fails we tell, once.
    private static final Logger GRPC_LOG = Logger.getLogger("io.grpc");

    @Mixin
    private SchedulerOptions options = new SchedulerOptions();

    @Mixin
    private DaemonOptions process = new DaemonOptions();

    private Optional<SchedulerConfig> config = Optional.empty();

    public static void main(String[] args) {
        DaemonProcess.main(NAME, SchedulerMain::new, args);
    }

    @Override
    public String shortName() {
        return "scheduler";
    }

    @Override
    public String version() {
        return Version.OF_THIS_SCHEDULER;
    }

    @Override
    public String settingsFile() {
        return "scheduler.toml";
    }

    @Override
    public DaemonOptions process() {
        return process;
    }

    @Override
    public EtcdOptions etcd() {
        return options.etcd;
    }

    @Override
    public ListenOptions protection() {
        return options.protection;
    }

    @Override
    public ImmutableSortedSet<String> changeable() {
        return ImmutableSortedSet.of();
    }

    @Override
    public String check() throws SettingsException {
        config = Optional.of(options.check());
        return config.get().toString();
    }

    @Override
    public Working start(Store store) throws IOException {
        GRPC_LOG.setLevel(Level.SEVERE);
        return new AtWork(new Scheduler(config.orElseThrow(), store));
    }

    private record AtWork(Scheduler scheduler) implements Working {
        @Override
        public Duration stopLimit() {
            return Duration.ZERO;
        }

        @Override
        public void adopt(Daemon next) {
            // nothing of it can change while it works
        }

        @Override
        public boolean stop(Ending ending) {
            LoggerFactory.getLogger(SchedulerMain.class).info("told to end: another scheduler may lead");
            scheduler.close();
            return true;
        }

        @Override
        public void close() {
            scheduler.close();
        }
    }

    static final class Named implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {NAME + " " + Version.OF_THIS_SCHEDULER};
        }
    }
}
