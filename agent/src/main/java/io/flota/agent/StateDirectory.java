package io.flota.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The folder of one agent's state. Locked while that agent lives; the kernel lets go of the lock when it dies.
final class StateDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;

    private StateDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /// @throws IOException whose message is a line for the operator
    static StateDirectory lock(Path path) throws IOException {
        FileChannel channel;
        try {
            Files.createDirectories(path);
            channel = FileChannel.open(
                    path.resolve("agent.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("cannot write to the state folder " + path + " (--state-dir): " + e, e);
        }
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new StateDirectory(path, channel);
            }
        } catch (OverlappingFileLockException _) {
            // held by another agent of this process: refused below like that of any other process
        }
        channel.close();
        throw new IOException("another agent uses the state folder " + path
                + "; give each agent of a machine its own --state-dir and --machine-id");
    }

    Path path() {
        return path;
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
