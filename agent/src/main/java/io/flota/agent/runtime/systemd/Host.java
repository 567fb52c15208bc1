package io.flota.agent.runtime.systemd;

import io.flota.agent.runtime.RuntimeUnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What this machine's systemd is.
///
/// @param version what it says of itself, such as `252.39-1~deb12u1`
/// @param life see [Systemd#life]
record Host(String version, String life) {
    /// The first that asks an ExecCondition= before a start.
    private static final int CONDITIONS = 243;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    static Host ask(Bus bus) throws RuntimeUnavailableException {
        try (var systemd = Systemd.connect(bus, _ -> {})) {
            if (bus.needsRights()) {
                askForRights(systemd);
            }
            return new Host(systemd.version(), systemd.life());
        } catch (BusLostException e) {
            throw new RuntimeUnavailableException(e.getMessage() + "; --runtime exec does without systemd", e);
        } catch (RefusedException e) {
            throw new RuntimeUnavailableException("systemd does not say what it is: " + e.getMessage(), e);
        }
    }

    /// Without this one nothing can be run at all. Of others polkit may allow a part, such as some units only.
    private static void askForRights(Systemd systemd) throws BusLostException, RuntimeUnavailableException {
        try {
            systemd.link(List.of());
        } catch (RefusedException e) {
            throw new RuntimeUnavailableException(
                    "cannot run units: " + e.getMessage() + "; or run the agent as root, or with --systemd-bus user",
                    e);
        }
    }

    /// Why no unit can be kept from being started here; empty if each can.
    Optional<String> problem() {
        var number = NUMBER.matcher(version);
        boolean asks = number.find() && Integer.parseInt(number.group()) >= CONDITIONS;
        return asks
                ? Optional.empty()
                : Optional.of("needs ExecCondition=, which systemd has from " + CONDITIONS + " on, and this host has "
                        + version);
    }
}
