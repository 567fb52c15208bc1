package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableSet;
import java.util.Locale;

/// What systemd does for somebody who is not root only if polkit allows it: an action of polkit's.
enum Right {
    MANAGE_UNITS,
    MANAGE_UNIT_FILES,
    RELOAD_DAEMON;

    /// What systemd says where polkit has not allowed it, has forbidden it, or is not there. The bindings keep no names of
    /// errors.
    private static final ImmutableSet<String> DENIALS =
            ImmutableSet.of("Interactive authentication required.", "Access denied", "Permission denied");

    /// What systemd said, and if it was for want of this right, what to do.
    String words(Bus bus, String said) {
        return bus.needsRights() && DENIALS.contains(said)
                ? "polkit does not allow " + System.getProperty("user.name") + " to " + action() + " (" + said
                        + "): the agent's README has a rule for /etc/polkit-1/rules.d/ that does"
                : said;
    }

    private String action() {
        return "org.freedesktop.systemd1." + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
