package io.flota.agent;

import com.google.common.base.Ticker;
import io.flota.agent.steps.Admission;
import io.flota.agent.steps.Placed;
import io.flota.agent.steps.Tenure;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// On what terms a unit may be started, by its unit file and by what is known of the machine's lease.
final class Terms {
    private final Supplier<Optional<Tenure>> tenure;
    private final Ticker uptime;

    /// @param tenure the lease that the machine is registered under
    /// @param uptime since the machine's boot
    Terms(Supplier<Optional<Tenure>> tenure, Ticker uptime) {
        this.tenure = tenure;
        this.uptime = uptime;
    }

    /// A unit whose rules this agent cannot read may be one that must not run twice.
    Admission of(UnitName unit, UnitFile file, Placed placed) {
        try {
            var rules = PlacementRules.of(unit.full(), unit, file).partition();
            return Admission.of(unit, rules, placed, tenure.get(), Duration.ofNanos(uptime.read()));
        } catch (UnitFileException e) {
            return new Admission.Withheld("not started, for its rules cannot be read: " + e.problems().getFirst());
        }
    }
}
