package io.flota.agent;

import com.google.common.base.Ticker;
import io.flota.agent.render.Restarts;
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

/// On what terms a unit may be started, by its unit file and by what is known of the machine's lease; and which are to
/// start anew.
final class Terms {
    private final Supplier<Optional<Tenure>> tenure;
    private final Ticker uptime;
    private final Preparation preparation;
    private final Restarts restarts;

    /// What a unit has to have before it is started.
    @FunctionalInterface
    interface Preparation {
        /// Why it cannot be started yet; empty if it has all.
        Optional<String> missing(UnitName unit, UnitFile file) throws UnitFileException;
    }

    /// Of units that need nothing more.
    Terms(Supplier<Optional<Tenure>> tenure, Ticker uptime) {
        this(tenure, uptime, (_, _) -> Optional.empty(), new Restarts());
    }

    /// @param tenure the lease that the machine is registered under
    /// @param uptime since the machine's boot
    /// @param restarts units that are to start anew whatever the leader says
    Terms(Supplier<Optional<Tenure>> tenure, Ticker uptime, Preparation preparation, Restarts restarts) {
        this.tenure = tenure;
        this.uptime = uptime;
        this.preparation = preparation;
        this.restarts = restarts;
    }

    Restarts restarts() {
        return restarts;
    }

    /// A unit whose rules this agent cannot read may be one that must not run twice.
    Admission of(UnitName unit, UnitFile file, Placed placed) {
        try {
            var rules = PlacementRules.of(unit.full(), unit, file).partition();
            var admission = Admission.of(unit, rules, placed, tenure.get(), Duration.ofNanos(uptime.read()));
            return switch (admission) {
                case Admission.Withheld _ -> admission;
                case Admission.Granted _ ->
                    preparation.missing(unit, file).<Admission>map(Admission.Withheld::new).orElse(admission);
            };
        } catch (UnitFileException e) {
            return new Admission.Withheld("not started, for its rules cannot be read: " + e.problems().getFirst());
        }
    }
}
