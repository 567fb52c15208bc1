package io.flota.daemon;

import com.google.common.collect.ImmutableList;
import io.flota.store.EtcdSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A daemon with its settings as they were read once.
record DaemonSettings(Daemon daemon, CommandSettings settings) {
    /// Reads them, and fills the daemon's options.
    ///
    /// @param usual what counts instead of options' own defaults
    /// @throws SettingsException with every problem, each with its place
    static DaemonSettings read(
            Daemon daemon, List<String> words, Map<String, String> environment, Map<String, String> usual)
            throws SettingsException {
        var sources = new LayeredDefaults.Sources(words, environment, daemon.settingsFile(), usual);
        var settings = CommandSettings.of(CommandSettings.command(daemon), sources);
        settings.fill();
        return new DaemonSettings(daemon, settings);
    }

    /// @return of each what is to be logged
    /// @throws SettingsException with every problem of all, each with its place
    static ImmutableList<String> check(List<DaemonSettings> all) throws SettingsException {
        var problems = new ArrayList<String>();
        var words = ImmutableList.<String>builder();
        for (var each : all) {
            try {
                words.add(each.daemon.check());
            } catch (SettingsException e) {
                e.problems().stream()
                        .map(each.settings::placed)
                        .filter(problem -> !problems.contains(problem))
                        .forEach(problems::add); // once, where several daemons have it in common
            }
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return words.build();
    }

    /// The one that all have in common.
    ///
    /// @throws SettingsException if they have not
    static EtcdSettings etcd(List<DaemonSettings> all) throws SettingsException {
        var first = all.getFirst();
        var etcd = first.daemon.etcd().settings();
        for (var each : all) {
            boolean same = each.daemon.etcd().settings().equals(etcd)
                    && each.daemon.etcd().keyPrefix.equals(first.daemon.etcd().keyPrefix);
            if (!same) {
                throw new SettingsException(List.of("one process has one etcd, but " + first.name() + " and " + each.name()
                        + " are told different things of it: compare the settings that begin with etcd-, and key-prefix, in "
                        + first.file() + " and " + each.file()));
            }
        }
        return etcd;
    }

    String name() {
        return settings.name();
    }

    /// Where its own settings are; `none` if nowhere.
    String file() {
        return daemon.process().config.map(Object::toString).orElse("none");
    }
}
