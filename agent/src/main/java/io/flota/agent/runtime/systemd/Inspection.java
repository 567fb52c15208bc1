package io.flota.agent.runtime.systemd;

import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitDetails.Member;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.process.Traffic;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.freedesktop.dbus.types.UInt64;

/// Asks systemd what a unit consists of at this moment.
final class Inspection {
    private static final int EXITED = 1;
    private static final int DUMPED = 3;

    private Inspection() {}

    /// Empty if systemd has no such unit.
    static Optional<UnitDetails> of(Systemd systemd, String unit) throws RuntimeUnavailableException {
        try {
            var all = systemd.properties(unit);
            var processes = systemd.processes(unit);
            return Optional.of(new UnitDetails(
                    text(all, "ControlGroup"), processes, number(all, "MemoryCurrent"),
                    number(all, "MemoryMax"), number(all, "CPUUsageNSec"), number(all, "TasksCurrent"),
                    number(all, "TasksMax"), traffic(all, processes), mainExit(all)));
        } catch (RefusedException _) {
            return Optional.empty(); // it is not loaded, or of a type that has no processes
        } catch (BusLostException e) {
            throw new RuntimeUnavailableException(e.getMessage(), e);
        }
    }

    /// What systemd counts with `IPAccounting=yes`; without it, what is known of a network of the unit's own.
    private static Optional<Traffic> traffic(Map<String, Object> all, Collection<Member> processes) {
        var received = number(all, "IPIngressBytes");
        var sent = number(all, "IPEgressBytes");
        return received.isPresent() && sent.isPresent()
                ? Optional.of(new Traffic(received.get(), sent.get()))
                : Traffic.of(Member.pids(processes));
    }

    private static Optional<String> text(Map<String, Object> all, String name) {
        return all.get(name) instanceof String text && !text.isEmpty() ? Optional.of(text) : Optional.empty();
    }

    /// The greatest number stands for none.
    private static Optional<Long> number(Map<String, Object> all, String name) {
        return all.get(name) instanceof UInt64 number && number.value().bitLength() < Long.SIZE
                ? Optional.of(number.value()).map(BigInteger::longValueExact)
                : Optional.empty();
    }

    private static Optional<String> mainExit(Map<String, Object> all) {
        boolean runs = all.get("MainPID") instanceof Number pid && pid.longValue() != 0;
        int code = all.get("ExecMainCode") instanceof Number number ? number.intValue() : 0;
        int status = all.get("ExecMainStatus") instanceof Number number ? number.intValue() : 0;
        if (runs || code == 0) {
            return Optional.empty();
        }
        if (code == EXITED) {
            return Optional.of("code=exited, status=" + status);
        }
        return Optional.of((code == DUMPED ? "code=dumped" : "code=killed") + ", signal=" + new Signal(status));
    }
}
