package io.flota.agent.runtime.systemd;

import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;
import org.freedesktop.dbus.types.UInt32;

/// A job that reloads a unit, from its beginning to its end.
record Reload(Worker worker, UnitName unit) {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    /// @return why it was not done; empty if it was
    Optional<String> run() throws RuntimeUnavailableException, InterruptedException {
        try {
            worker.connection().reload(unit);
            for (long waited = 0; waited < PATIENCE.toNanos(); waited += BETWEEN_LOOKS.toNanos()) {
                var properties = worker.connection().properties(unit.full());
                boolean ended = !"reloading".equals(properties.get("ActiveState")) && !hasJob(properties.get("Job"));
                if (ended) {
                    var result = String.valueOf(properties.getOrDefault("ReloadResult", "success"));
                    return result.equals("success")
                            ? Optional.empty()
                            : Optional.of("systemd says of its reload: " + result);
                }
                Thread.sleep(BETWEEN_LOOKS);
            }
            return Optional.of("it is not reloaded after " + PATIENCE.toSeconds() + " s");
        } catch (RefusedException e) {
            return Optional.of(e.getMessage());
        } catch (BusLostException e) {
            throw new RuntimeUnavailableException(e.getMessage(), e);
        }
    }

    /// Number and path; the number 0 is none.
    private static boolean hasJob(Object job) {
        return job instanceof Object[] fields && fields.length > 0 && fields[0] instanceof UInt32 id && id.longValue() != 0;
    }
}
