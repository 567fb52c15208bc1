package io.flota.agent.runtime.process;

import com.google.common.collect.ImmutableBiMap;
import java.util.Locale;
import java.util.Optional;

/// A signal by its Linux number.
public record Signal(int number) {
    private static final ImmutableBiMap<String, Integer> NUMBERS = numbers();
    private static final int REAL_TIME_MIN = 34;
    private static final int LAST = 64;

    public static final Signal HUP = new Signal(1);
    public static final Signal INT = new Signal(2);
    public static final Signal KILL = new Signal(9);
    public static final Signal USR1 = new Signal(10);
    public static final Signal PIPE = new Signal(13);
    public static final Signal TERM = new Signal(15);
    public static final Signal CONT = new Signal(18);

    public Signal {
        if (number < 1 || number > LAST) {
            throw new IllegalArgumentException("no signal has the number " + number);
        }
    }

    /// `SIGTERM`, `TERM`, `15`, `RTMIN+3`; empty if there is no such signal.
    public static Optional<Signal> named(String text) {
        var name = text.toUpperCase(Locale.ROOT);
        if (name.startsWith("SIG")) {
            name = name.substring(3);
        }
        if (NUMBERS.containsKey(name)) {
            return Optional.of(new Signal(NUMBERS.get(name)));
        }
        boolean realTime = name.matches("RTMIN\\+\\d{1,2}");
        if (!realTime && !name.matches("\\d{1,2}")) {
            return Optional.empty();
        }
        int number = realTime ? REAL_TIME_MIN + Integer.parseInt(name.substring(6)) : Integer.parseInt(name);
        return number >= 1 && number <= LAST ? Optional.of(new Signal(number)) : Optional.empty();
    }

    /// Without `SIG`.
    public String name() {
        var name = NUMBERS.inverse().get(number);
        if (name != null) {
            return name;
        }
        return number >= REAL_TIME_MIN ? "RTMIN+" + (number - REAL_TIME_MIN) : Integer.toString(number);
    }

    @Override
    public String toString() {
        return "SIG" + name();
    }

    private static ImmutableBiMap<String, Integer> numbers() {
        var names = ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP "
                        + "TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS")
                .split(" ");
        var numbers = ImmutableBiMap.<String, Integer>builder();
        for (int i = 0; i < names.length; i++) {
            numbers.put(names[i], i + 1);
        }
        return numbers.buildOrThrow();
    }
}
