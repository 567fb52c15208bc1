package io.flota.agent.runtime.docker;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.docker.ContainerSettings.Logging;
import io.flota.unit.UnitName;
import java.util.Optional;

/// By what a container's lines are known in systemd's journal: its name may have been another one's before. Docker writes
/// those labels with each line that it is told to.
final class JournalFields {
    static final String DRIVER = "journald";
    private static final String LABELS = "labels";

    private JournalFields() {}

    /// What lines of a unit's containers have.
    static ImmutableSortedMap<String, String> of(String cluster, String machine, UnitName unit) {
        var fields = ImmutableSortedMap.<String, String>naturalOrder();
        ContainerLabels.of(cluster, machine, unit).forEach((label, value) ->
                fields.put(Ascii.toUpperCase(label).replace('.', '_'), value)); // as Docker writes them
        return fields.build();
    }

    /// @param machines the driver of units that name none; empty: Docker's own, which is left as it is
    static Logging with(Logging logging, Optional<String> machines, UnitName unit) {
        var driver = logging.driver().or(() -> machines);
        if (!driver.equals(Optional.of(DRIVER))) {
            return new Logging(driver, logging.options());
        }
        var ours = String.join(",", ContainerLabels.of("", "", unit).keySet());
        var labels = Optional.ofNullable(logging.options().get(LABELS)).map(own -> own + "," + ours).orElse(ours);
        return new Logging(driver, ImmutableMap.<String, String>builder()
                .put("tag", unit.stem())
                .putAll(logging.options())
                .put(LABELS, labels)
                .buildKeepingLast());
    }
}
