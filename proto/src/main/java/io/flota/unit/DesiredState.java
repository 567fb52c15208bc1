package io.flota.unit;

/// What the operator wants of a unit, in fleet's words.
public enum DesiredState {
    /// Known to the cluster, on no machine.
    INACTIVE,
    /// On a machine and known to its runtime, but not started.
    LOADED,
    /// Started on a machine.
    LAUNCHED,
    /// A newer version asks for something that this one does not know. Nothing is done about such a unit, and it is never
    /// written.
    UNKNOWN;

    /// As operators write and read it: `inactive`, `loaded`, `launched`; `unknown`.
    public String word() {
        return switch (this) {
            case INACTIVE -> "inactive";
            case LOADED -> "loaded";
            case LAUNCHED -> "launched";
            case UNKNOWN -> "unknown";
        };
    }
}
