package io.flota.daemon;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.daemon.Daemon.Working;
import io.flota.daemon.fleet.Remark;
import io.flota.daemon.fleet.Remark.Becomes;
import io.flota.daemon.fleet.Remark.Meaningless;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The settings of a process's daemons, which are read at the start and whenever it is told to: what can change does,
/// what cannot is named, and wrong ones leave all as it is.
final class Reading {
    private static final Logger LOG = LoggerFactory.getLogger(Reading.class);
    private static final String LOG_LEVEL = "log-level";

    /// Reads the settings and fills daemons with them.
    @FunctionalInterface
    interface Source {
        List<DaemonSettings> read() throws SettingsException;
    }

    private final Source source;
    /// What holds, of each daemon.
    private final List<ImmutableSortedMap<String, String>> held = new ArrayList<>();

    Reading(Source source) {
        this.source = source;
    }

    /// These hold from now on.
    void begin(List<DaemonSettings> daemons) {
        daemons.forEach(each -> held.add(each.settings().values()));
        logLevel(daemons).ifPresent(LogLevel::set);
        tellOfFleet(daemons);
    }

    private static void tellOfFleet(List<DaemonSettings> daemons) {
        var becomes = new LinkedHashSet<String>();
        var unused = new LinkedHashSet<String>();
        daemons.stream().flatMap(each -> each.settings().translated().stream()).forEach((Remark remark) -> {
            switch (remark) {
                case Becomes it -> becomes.add(it.toString());
                case Meaningless it -> unused.add(it.key() + " (" + it.because() + ")");
            }
        });
        if (!becomes.isEmpty()) {
            LOG.info("takes settings of fleet's {}", becomes);
        }
        if (!unused.isEmpty()) {
            LOG.warn("settings of fleet's have no meaning any more {}", unused);
        }
    }

    /// Reads them anew for daemons that are at work.
    void again(List<Working> working) {
        LOG.info("told to read the settings anew");
        List<DaemonSettings> next;
        try {
            next = source.read();
            DaemonSettings.check(next);
            DaemonSettings.etcd(next);
        } catch (SettingsException e) {
            LOG.warn("the settings are wrong: those from before hold because={}", e.problems());
            return;
        }
        var taken = new TreeSet<String>();
        var waiting = new TreeSet<String>();
        for (int i = 0; i < working.size(); i++) {
            var changed = changed(held.get(i), next.get(i).settings().values());
            var daemon = next.get(i).daemon();
            var changeable = changeable(daemon);
            changed.stream().filter(changeable::contains).forEach(taken::add);
            changed.stream().filter(option -> !changeable.contains(option)).forEach(waiting::add);
            working.get(i).adopt(daemon);
            held.set(i, adopted(held.get(i), next.get(i).settings().values(), changeable));
        }
        if (taken.contains(LOG_LEVEL)) {
            logLevel(next).orElse(LogLevel.INFO).set();
        }
        LOG.info("has read the settings anew changed={}", taken);
        if (!waiting.isEmpty()) {
            LOG.warn("settings have changed that a restart puts into force, which units do not notice settings={}", waiting);
        }
    }

    /// Of the process: the first daemon's that has one.
    private static Optional<LogLevel> logLevel(List<DaemonSettings> daemons) {
        return daemons.stream().flatMap(each -> each.daemon().process().logLevel.stream()).findFirst();
    }

    private static Set<String> changeable(Daemon daemon) {
        return ImmutableSortedSet.<String>naturalOrder().addAll(daemon.changeable()).add(LOG_LEVEL).build();
    }

    private static Set<String> changed(ImmutableSortedMap<String, String> before, ImmutableSortedMap<String, String> now) {
        var changed = new TreeSet<String>();
        now.forEach((option, value) -> {
            if (!value.equals(before.get(option))) {
                changed.add(option);
            }
        });
        return changed;
    }

    private static ImmutableSortedMap<String, String> adopted(
            ImmutableSortedMap<String, String> before, ImmutableSortedMap<String, String> now, Set<String> changeable) {
        var held = new TreeMap<>(before);
        changeable.forEach(option -> held.put(option, now.get(option)));
        return ImmutableSortedMap.copyOf(held);
    }
}
