package io.flota.agent.runtime.inside;

import static io.flota.daemon.CLibrary.function;
import static io.flota.daemon.CLibrary.invoke;
import static io.flota.daemon.CLibrary.variadic;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.flota.agent.runtime.Errand.Size;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// The near end of a terminal that is none: what is written here is typed there, what is shown there is read here.
///
/// By the C library, which the JDK calls by itself, on every Linux and processor alike. pty4j would bring 5 MB of JNA,
/// Kotlin and binaries that it unpacks to a temporary folder, and start processes in its own way; `script` of util-linux
/// cannot be told of another size of the window, and stands between a program and its exit status.
final class PseudoTerminal implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final long TIOCSWINSZ = 0x5414;
    private static final long TIOCSPTLCK = 0x40045431;
    private static final long TIOCGPTN = 0x80045430L;
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;
    private static final short POLLHUP = 16;
    private static final int SLICE = 16 * 1024;
    /// How soon a wait is seen to be over that is ended from here.
    private static final int WAIT_MILLIS = 200;

    private static final MethodHandle OPEN = variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CONTROL = variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    private static final MethodHandle POLL = function("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle READ = function("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle WRITE = function("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);

    private final Devices devices;
    private final int descriptor;
    /// Whoever uses the descriptor reads; it is closed only when nobody does, for its number may be another file's next.
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    private PseudoTerminal(Devices devices, int descriptor) {
        this.devices = devices;
        this.descriptor = descriptor;
    }

    /// Whose terminals, for a program knows its own only by a name that it can look up itself.
    ///
    /// @param maker the file that makes one when it is opened
    /// @param folder where those that it made are
    record Devices(Path maker, Path folder) {
        /// Device 5:2, as the kernel's devices.txt has it.
        private static final long PTMX = 0x502;
        private static final Devices OF_THIS_MACHINE = new Devices(Path.of("/dev/ptmx"), Path.of("/dev/pts"));

        /// Those that a process sees; where it sees none, this machine's.
        static Devices of(UnitRoot root) throws IOException {
            var maker = root.find("/dev/ptmx");
            var folder = root.find("/dev/pts");
            // Whoever is root in a container may give the name to another device, which is not to be opened from outside.
            return maker.isPresent() && folder.isPresent() && isMaker(maker.get())
                    ? new Devices(maker.get(), folder.get())
                    : OF_THIS_MACHINE;
        }

        private static boolean isMaker(Path maker) throws IOException {
            return Files.getAttribute(maker, "unix:rdev") instanceof Number device && device.longValue() == PTMX;
        }
    }

    static PseudoTerminal open(Devices devices, Size size) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var path = arena.allocateFrom(devices.maker().toString());
            int descriptor = (int) invoke(OPEN, path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
            if (descriptor < 0) {
                throw new IOException("there is no terminal left at " + devices.maker());
            }
            var terminal = new PseudoTerminal(devices, descriptor);
            var locked = arena.allocateFrom(JAVA_INT, 0);
            if ((int) invoke(CONTROL, descriptor, TIOCSPTLCK, locked) != 0) {
                terminal.close();
                throw new IOException("what " + devices.maker() + " makes is no terminal");
            }
            try {
                terminal.resize(size);
            } catch (IOException e) {
                terminal.close();
                throw e;
            }
            return terminal;
        }
    }

    /// The file by which we have its far end.
    Path path() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var number = arena.allocate(JAVA_INT);
            if ((int) invoke(CONTROL, descriptor, TIOCGPTN, number) != 0) {
                throw new IOException("a terminal has no number");
            }
            return devices.folder().resolve(Integer.toString(number.get(JAVA_INT, 0)));
        }
    }

    /// Whoever runs in its foreground is told by SIGWINCH.
    void resize(Size size) throws IOException {
        use.readLock().lock();
        try (var arena = Arena.ofConfined()) {
            var window = arena.allocate(JAVA_SHORT, 4);
            window.setAtIndex(JAVA_SHORT, 0, (short) size.rows());
            window.setAtIndex(JAVA_SHORT, 1, (short) size.columns());
            if (!closed && (int) invoke(CONTROL, descriptor, TIOCSWINSZ, window) != 0) {
                throw new IOException("a terminal does not take the size " + size);
            }
        } finally {
            use.readLock().unlock();
        }
    }

    /// Waits for a while for what is shown.
    ///
    /// @return how many bytes it is; 0: nothing so far, -1: nobody has the terminal any more
    int read(byte[] bytes, int offset, int length) {
        use.readLock().lock();
        try (var arena = Arena.ofConfined()) {
            int ready = closed ? POLLHUP : poll(POLLIN, arena);
            if ((ready & POLLIN) == 0) {
                return (ready & POLLHUP) == 0 ? 0 : -1;
            }
            var buffer = arena.allocate(Math.min(length, SLICE));
            long count = (long) invoke(READ, descriptor, buffer, buffer.byteSize());
            if (count > 0) {
                MemorySegment.copy(buffer, JAVA_BYTE, 0, bytes, offset, (int) count);
            }
            return count > 0 ? (int) count : (ready & POLLHUP) == 0 ? 0 : -1;
        } finally {
            use.readLock().unlock();
        }
    }

    /// Types it, as far as there is room within a while.
    ///
    /// @return how many bytes it took
    int write(byte[] bytes, int offset, int length) throws IOException {
        use.readLock().lock();
        try (var arena = Arena.ofConfined()) {
            if (closed) {
                throw new IOException("the terminal is closed");
            }
            if ((poll(POLLOUT, arena) & POLLOUT) == 0) {
                return 0;
            }
            var buffer = arena.allocate(Math.min(length, SLICE));
            MemorySegment.copy(bytes, offset, buffer, JAVA_BYTE, 0, (int) buffer.byteSize());
            return (int) Math.max(0, (long) invoke(WRITE, descriptor, buffer, buffer.byteSize()));
        } finally {
            use.readLock().unlock();
        }
    }

    private int poll(short events, Arena arena) {
        var asked = arena.allocate(8, 4);
        asked.set(JAVA_INT, 0, descriptor);
        asked.set(JAVA_SHORT, 4, events);
        return (int) invoke(POLL, asked, 1L, WAIT_MILLIS) > 0 ? asked.get(JAVA_SHORT, 6) : 0;
    }

    /// Hangs up: whoever runs there gets SIGHUP.
    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                invoke(CLOSE, descriptor);
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
