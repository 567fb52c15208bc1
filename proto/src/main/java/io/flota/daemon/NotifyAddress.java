package io.flota.daemon;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/// Where a service manager hears what services say of themselves (`$NOTIFY_SOCKET`): a datagram socket of the unix kind,
/// which the JDK does not have. Calls the C library.
///
/// @param text a path, or `@` and an abstract name
record NotifyAddress(String text) {
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;

    /// Sends one datagram.
    ///
    /// @throws IOException if nobody listens there
    void send(String message) throws IOException {
        int descriptor = (int) invoke(call("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                (int) AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0) {
            throw new IOException("no socket can be made");
        }
        try (var arena = Arena.ofConfined()) {
            var bytes = message.getBytes(StandardCharsets.UTF_8);
            var buffer = arena.allocateFrom(JAVA_BYTE, bytes);
            var address = address(arena);
            long sent = (long) invoke(
                    call("sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
                    descriptor, buffer, (long) bytes.length, 0, address, (int) address.byteSize());
            if (sent != bytes.length) {
                throw new IOException("nobody hears at NOTIFY_SOCKET=" + text);
            }
        } finally {
            invoke(call("close", JAVA_INT, JAVA_INT), descriptor);
        }
    }

    /// The family and the name; an abstract name begins with a NUL where the text has its `@`.
    private MemorySegment address(Arena arena) {
        var name = text.getBytes(StandardCharsets.UTF_8);
        if (text.startsWith("@")) {
            name[0] = 0;
        }
        var address = arena.allocate(JAVA_SHORT.byteSize() + name.length, JAVA_SHORT.byteAlignment());
        address.set(JAVA_SHORT, 0, AF_UNIX);
        MemorySegment.copy(name, 0, address, JAVA_BYTE, JAVA_SHORT.byteSize(), name.length);
        return address;
    }

    @SuppressWarnings("restricted") // the signatures are the C library's
    private static MethodHandle call(String function, MemoryLayout result, MemoryLayout... arguments) {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(function), FunctionDescriptor.of(result, arguments));
    }

    private static Object invoke(MethodHandle function, Object... arguments) {
        try {
            return function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("a call of the C library went wrong", e);
        }
    }
}
