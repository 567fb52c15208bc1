package io.flota.examples.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Makes every fsync and fdatasync of a process take longer by a fixed time, by strace's fault injection: the thread
/// that asks for it is held at the entry of the call, as by a disk that takes its time. The process's other system calls
/// are slowed down too, by the microseconds that tracing costs. Reads and plain writes are not delayed, and data are as
/// safe as ever. Where the kernel does not let us trace (a container without the right to), nothing is slowed down, and
/// [#works] says so.
final class SlowDisk implements AutoCloseable {
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private final Process strace;

    SlowDisk(long pid, Duration delay) {
        try {
            strace = new ProcessBuilder(
                            "strace", "-qq", "-f", "-p", Long.toString(pid), "-o", "/dev/null",
                            "-e", "trace=fsync,fdatasync",
                            "-e", "inject=fsync,fdatasync:delay_enter=" + TimeUnit.MILLISECONDS.toMicros(delay.toMillis()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException("strace cannot be run; examples/provision installs it", failure);
        }
    }

    /// Whether it (still) slows anything down.
    boolean works() {
        return strace.isAlive();
    }

    /// Lets go of the process, which runs on at full speed.
    @Override
    public void close() {
        strace.destroy();
        try {
            if (!strace.waitFor(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                strace.destroyForcibly(); // the kernel lets the process go, too
            }
        } catch (InterruptedException _) {
            strace.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
