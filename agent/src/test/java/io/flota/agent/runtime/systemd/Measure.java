package io.flota.agent.runtime.systemd;

import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Measures how long units take from being asked for until all are seen active: `COUNT RUNS`.
final class Measure {
    private Measure() {}

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        int runs = Integer.parseInt(arguments[1]);
        var machine = new SystemdMachine();
        try {
            var names = IntStream.range(0, count).mapToObj(i -> "m@" + i + ".service").toList();
            var units = names.stream()
                    .map(name -> new UnitToLoad(
                            SystemdMachine.name(name), SystemdMachine.file("[Service]\nExecStart=/bin/sleep 1000\n")))
                    .toList();
            var times = new ArrayList<Long>();
            for (int run = 0; run <= runs; run++) {
                int reloads = reloads();
                long begin = System.nanoTime();
                machine.runtime.load(units);
                machine.start(names.toArray(String[]::new));
                while (!allRun(machine)) {
                    java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
                }
                long millis = (System.nanoTime() - begin) / 1_000_000;
                System.out.println((run == 0 ? "first " : "") + millis + " ms, reloads " + (reloads() - reloads));
                if (run > 0) {
                    times.add(millis);
                }
                machine.runtime.unload(List.copyOf(machine.runtime.observe().keySet()));
                while (!machine.runtime.observe().isEmpty()) {
                    java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
                }
            }
            times.sort(Long::compare);
            System.out.println(count + " units: min " + times.getFirst() + " median " + times.get(times.size() / 2)
                    + " max " + times.getLast() + " ms");
        } finally {
            machine.close();
        }
        Runtime.getRuntime().halt(0);
    }

    private static boolean allRun(SystemdMachine machine) throws Exception {
        return machine.runtime.observe().values().stream().allMatch(state -> state.sub().equals("running"));
    }

    private static int reloads() throws Exception {
        return (int) SystemdMachine.said("journalctl", "-b", "-o", "cat", "_PID=1").lines().filter("Reloading."::equals).count();
    }
}
