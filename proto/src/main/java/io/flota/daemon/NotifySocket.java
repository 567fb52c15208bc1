package io.flota.daemon;

import static io.flota.daemon.CLibrary.function;
import static io.flota.daemon.CLibrary.invoke;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Where services say of themselves how they are (`$NOTIFY_SOCKET`): a datagram socket of the unix kind, which the JDK does
/// not have. Calls the C library.
///
/// Its address is a path, or `@` and an abstract name.
public final class NotifySocket implements AutoCloseable {
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SHUT_RDWR = 2;
    private static final int LONGEST_MESSAGE = 64 * 1024;

    private static final MethodHandle SOCKET = function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = function("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SEND =
            function("sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle RECEIVE = function("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SHUTDOWN = function("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);

    private final int descriptor;
    private volatile boolean closed;

    private NotifySocket(int descriptor) {
        this.descriptor = descriptor;
    }

    /// One that listens.
    public static NotifySocket open(String address) throws IOException {
        int descriptor = socket();
        try (var arena = Arena.ofConfined()) {
            var socketAddress = address(address, arena);
            if ((int) invoke(BIND, descriptor, socketAddress, (int) socketAddress.byteSize()) != 0) {
                invoke(CLOSE, descriptor);
                throw new IOException("the address " + address + " is taken");
            }
        }
        return new NotifySocket(descriptor);
    }

    /// Sends one datagram.
    ///
    /// @throws IOException if nobody listens there
    public static void send(String address, String message) throws IOException {
        int descriptor = socket();
        try (var arena = Arena.ofConfined()) {
            var bytes = message.getBytes(StandardCharsets.UTF_8);
            var buffer = arena.allocateFrom(JAVA_BYTE, bytes);
            var socketAddress = address(address, arena);
            long sent = (long) invoke(
                    SEND, descriptor, buffer, (long) bytes.length, 0, socketAddress, (int) socketAddress.byteSize());
            if (sent != bytes.length) {
                throw new IOException("nobody hears at NOTIFY_SOCKET=" + address);
            }
        } finally {
            invoke(CLOSE, descriptor);
        }
    }

    private static int socket() throws IOException {
        int descriptor = (int) invoke(SOCKET, (int) AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0) {
            throw new IOException("no socket can be made");
        }
        return descriptor;
    }

    /// The family and the name; an abstract name begins with a NUL where the text has its `@`.
    private static MemorySegment address(String text, Arena arena) {
        var name = text.getBytes(StandardCharsets.UTF_8);
        if (text.startsWith("@")) {
            name[0] = 0;
        }
        var address = arena.allocate(JAVA_SHORT.byteSize() + name.length, JAVA_SHORT.byteAlignment());
        address.set(JAVA_SHORT, 0, AF_UNIX);
        MemorySegment.copy(name, 0, address, JAVA_BYTE, JAVA_SHORT.byteSize(), name.length);
        return address;
    }

    /// Waits for a message; empty once the socket is closed. Is called by one thread, which thereby owns the socket.
    public Optional<String> receive() {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(LONGEST_MESSAGE);
            long length = (long) invoke(RECEIVE, descriptor, buffer, (long) LONGEST_MESSAGE, 0);
            if (closed || length < 0) {
                invoke(CLOSE, descriptor);
                return Optional.empty();
            }
            return Optional.of(new String(
                    buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8));
        }
    }

    /// Wakes the receiver, which then lets go of the socket.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            invoke(SHUTDOWN, descriptor, SHUT_RDWR);
        }
    }
}
