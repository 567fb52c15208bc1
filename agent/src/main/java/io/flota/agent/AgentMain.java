package io.flota.agent;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.daemon.Daemon;
import io.flota.daemon.DaemonOptions;
import io.flota.daemon.DaemonProcess;
import io.flota.daemon.EtcdOptions;
import io.flota.daemon.ListenOptions;
import io.flota.daemon.SettingsException;
import io.flota.store.Store;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/// `flota-agent`: runs on each machine of the cluster.
@Command(
        name = AgentMain.NAME,
        description = "Registers this machine with the cluster and runs the units that are placed on it.",
        mixinStandardHelpOptions = true,
        versionProvider = AgentMain.Versions.class,
        sortOptions = false,
        footer = {
            "",
            "Each option is also an environment variable (--etcd-endpoints is FLOTA_ETCD_ENDPOINTS) and a key of the"
                    + " settings file (etcd-endpoints); a flag beats the environment, which beats the file, which beats"
                    + " what a fleetd was told (FLEET_* and fleet.conf).",
            "SIGTERM and SIGINT stop the agent as --on-stop says. SIGUSR1 ends it for another one to take over: units run on,"
                    + " and the machine counts as alive for half a minute. A second signal ends it at once, and units run on."
                    + " SIGHUP has it read its settings anew."
        })
public final class AgentMain implements Daemon {
    static final String NAME = "flota-agent";

    @Mixin
    private AgentOptions options = new AgentOptions();

    @Mixin
    private DaemonOptions process = new DaemonOptions();

    private Optional<AgentConfig> config = Optional.empty();

    public static void main(String[] args) {
        DaemonProcess.main(NAME, AgentMain::new, args);
    }

    @Override
    public String shortName() {
        return "agent";
    }

    @Override
    public String version() {
        return Version.OF_THIS_AGENT;
    }

    @Override
    public String settingsFile() {
        return "agent.toml";
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

    /// As [AgentConfig#adopting] has it.
    @Override
    public ImmutableSortedSet<String> changeable() {
        return ImmutableSortedSet.of("metadata", "public-ip", "memory", "cpus", "on-stop", "stop-timeout");
    }

    @Override
    public String check() throws SettingsException {
        config = Optional.of(options.check());
        return config.get().toString();
    }

    /// Once it is checked.
    AgentConfig config() {
        return config.orElseThrow();
    }

    @Override
    public Working start(Store store) throws IOException {
        try {
            return RunningAgent.start(config(), store);
        } catch (RuntimeUnavailableException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {NAME + " " + Version.OF_THIS_AGENT};
        }
    }
}
