package io.flota.agent.runtime.exec;

import com.google.common.hash.Hashing;
import io.flota.agent.runtime.RuntimeUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// One runtime for each machine id on a host, whatever state folder it has: control groups and marks are named after
/// the machine id, so that a second runtime would take the first one's units for leftovers. The kernel lets go of the
/// lock when its process ends.
final class MachineLock implements AutoCloseable {
    private final FileChannel channel;

    private MachineLock(FileChannel channel) {
        this.channel = channel;
    }

    /// @throws RuntimeUnavailableException whose message is a line for the operator
    static MachineLock take(String machineId) throws RuntimeUnavailableException {
        var file = file();
        try {
            var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (locks(channel, machineId)) {
                return new MachineLock(channel);
            }
            channel.close();
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot lock the machine id in " + file + ": " + e, e);
        }
        throw new RuntimeUnavailableException("another agent with the machine id " + machineId
                + " runs on this host; end it, or give this one another --machine-id");
    }

    /// The same for all runtimes of one user; those of different users cannot harm each other's units.
    private static Path file() {
        var user = System.getProperty("user.name");
        return user.equals("root") ? Path.of("/run/flota-machines.lock") : Path.of("/tmp/flota-machines-" + user);
    }

    /// Each machine id has a byte of its own in the file, which need not be there.
    private static boolean locks(FileChannel channel, String machineId) throws IOException {
        long position = Hashing.sha256().hashUnencodedChars(machineId).asLong() & Long.MAX_VALUE >> 1;
        try {
            return channel.tryLock(position, 1, false) != null;
        } catch (OverlappingFileLockException _) {
            return false; // held by another runtime of this process
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
