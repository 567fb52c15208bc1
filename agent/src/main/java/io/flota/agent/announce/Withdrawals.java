package io.flota.agent.announce;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.agent.steps.Step;
import io.flota.unit.Offer;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/// The units' side of [Drains]: before a unit is stopped it is no longer announced.
public final class Withdrawals {
    private final Drains drains;
    private final Supplier<ImmutableSortedMap<UnitName, Offer>> offers;
    private final Ticker ticker;
    private final Runnable changed;

    /// @param offers of the units that are loaded
    /// @param changed called when endpoints are to be withdrawn, or to come back
    public Withdrawals(
            Drains drains, Supplier<ImmutableSortedMap<UnitName, Offer>> offers, Ticker ticker, Runnable changed) {
        this.drains = drains;
        this.offers = offers;
        this.ticker = ticker;
        this.changed = changed;
    }

    /// Where no unit is announced.
    public static Withdrawals none() {
        return new Withdrawals(new Drains(), ImmutableSortedMap::of, Ticker.systemTicker(), () -> {});
    }

    /// Units that must not be stopped yet.
    public ImmutableSortedSet<UnitName> undrained(ImmutableSortedMap<UnitName, UnitState> states) {
        return drains.undrained(states, offers.get(), now());
    }

    /// Units that are drained, also those whose drain is over and that have yet to be told to stop.
    public ImmutableSortedSet<UnitName> withdrawn() {
        return drains.withdrawn();
    }

    /// Steps that are about to be taken, all that there are.
    public void decided(ImmutableList<Step> steps, ImmutableSortedMap<UnitName, UnitState> states) {
        var begun = new TreeSet<UnitName>();
        var told = new TreeSet<UnitName>();
        for (var step : steps) {
            switch (step) {
                case Step.Drain(var unit, _) -> begun.add(unit);
                case Step.Stop(var unit, _) -> told.add(unit);
                case Step.Start(var unit, _, _) -> told.add(unit);
                case Step.Load _, Step.Unload _, Step.SetProperties _ -> {}
            }
        }
        if (drains.decided(begun, told, states, offers.get(), now())) {
            changed.run();
        }
    }

    /// Until the next unit may be stopped; empty if none is waited for.
    public Optional<Duration> next() {
        return drains.next(now());
    }

    /// Until all units may be stopped that are waited for; empty if none is.
    public Optional<Duration> last() {
        return drains.last(now());
    }

    /// By the clock of all drains.
    public Duration now() {
        return Duration.ofNanos(ticker.read());
    }
}
