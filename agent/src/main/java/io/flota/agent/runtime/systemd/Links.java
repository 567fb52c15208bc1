package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.systemd.Entry.Broken;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has systemd link files of units where it looks for them, and take links away.
final class Links {
    private static final Logger log = LoggerFactory.getLogger(Links.class);

    private final Units units;
    private final StateFiles files;

    Links(Units units, StateFiles files) {
        this.units = units;
        this.files = files;
    }

    /// One that cannot be linked holds up no other.
    ///
    /// @return those that are linked
    ImmutableList<Entry> add(Systemd systemd, List<Entry> fresh) throws BusLostException {
        var linked = ImmutableList.<Entry>builder();
        var plain = fresh.stream().filter(entry -> !entry.file().install()).toList();
        try {
            if (!plain.isEmpty()) {
                systemd.link(plain.stream().map(entry -> files.file(entry.name())).toList());
            }
            linked.addAll(plain);
        } catch (RefusedException _) {
            for (var entry : plain) {
                if (addAlone(systemd, entry)) {
                    linked.add(entry);
                }
            }
        }
        for (var entry : fresh) {
            if (entry.file().install() && addAlone(systemd, entry)) {
                linked.add(entry);
            }
        }
        return linked.build();
    }

    private boolean addAlone(Systemd systemd, Entry entry) throws BusLostException {
        var file = files.file(entry.name());
        try {
            if (entry.file().install()) {
                systemd.enable(file);
            } else {
                systemd.link(List.of(file));
            }
            return true;
        } catch (RefusedException e) {
            units.broke(entry.name(), new Broken("error", "systemd does not take its file: " + e.getMessage()));
            return false;
        }
    }

    /// Those of units whose file was made part of others by its `[Install]`, as systemd reads it from the file of before.
    ///
    /// @return whether systemd has something to read anew
    boolean removeOld(Systemd systemd, List<Entry> fresh) throws BusLostException, IOException {
        var old = ImmutableList.<UnitName>builder();
        for (var entry : fresh) {
            if (files.isLinked(entry.name()) && files.wasInstall(entry)) {
                old.add(entry.name());
            }
        }
        return remove(systemd, old.build());
    }

    /// @return whether systemd has something to read anew
    boolean remove(Systemd systemd, List<UnitName> linked) throws BusLostException {
        if (linked.isEmpty()) {
            return false;
        }
        try {
            systemd.disable(linked.stream().map(UnitName::full).toList());
        } catch (RefusedException e) {
            log.warn("links of units that are not wanted any more stay units={} because={}", linked, e.getMessage());
        }
        return true;
    }
}
