package io.flota.agent.runtime.systemd;

/// Why systemd could not load a unit.
final class LoadError {
    private LoadError() {}

    /// @param property the unit's property of that name: an error's name, and what to say of it
    static String words(Object property) {
        if (property instanceof Object[] fields && fields.length == 2 && fields[1] instanceof String words
                && !words.isEmpty()) {
            return words + " The journal of systemd says which line is at fault: journalctl -b _PID=1";
        }
        return "systemd cannot load it";
    }
}
