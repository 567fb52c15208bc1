package io.flota.loop;

import java.time.Duration;

/// One pass of observe, decide, act, tell. Level, not edge: what a pass does depends on what is, never on which
/// signal woke it.
@FunctionalInterface
public interface Reconciler {
    /// @return how long to rest at most before the next pass, if no signal comes first
    /// @throws Exception an outage; the loop logs it, backs off and tries again. A RuntimeException is a bug.
    Duration reconcile() throws Exception;
}
