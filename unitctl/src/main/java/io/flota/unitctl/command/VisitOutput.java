package io.flota.unitctl.command;

import com.google.protobuf.ByteString;
import io.flota.unitctl.archive.ReceivedFiles;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.Visit;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// What a program writes inside a unit, as a stream; and what it complains of.
final class VisitOutput extends InputStream {
    /// Programs that complain without end are understood by then.
    private static final int LONGEST_COMPLAINT = 4096;
    /// GNU tar's word for a file that was written to meanwhile, as a log is: what came is what was there.
    private static final int CHANGED_MEANWHILE = 1;

    /// What may come yet of one that has ended.
    private static final int MOST_PASSED = 1 << 21;

    private final Visit visit;
    private final StringBuilder complaint = new StringBuilder();
    private InputStream piece = InputStream.nullInputStream();
    private Optional<Visit.End> end = Optional.empty();
    private Optional<ClusterException> lost = Optional.empty();

    VisitOutput(Visit visit) {
        this.visit = visit;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = piece.read(bytes, offset, length);
        while (count <= 0 && length > 0) {
            if (!next()) {
                return -1;
            }
            count = piece.read(bytes, offset, length);
        }
        return count;
    }

    /// @return whether there is more
    private boolean next() throws IOException {
        if (end.isPresent() || lost.isPresent()) {
            return false;
        }
        try {
            switch (visit.next()) {
                case Visit.Output(var bytes) -> piece = bytes.newInput();
                case Visit.ErrorOutput(var bytes) -> complain(bytes);
                case Visit.End last -> end = Optional.of(last);
            }
            return true;
        } catch (ClusterException failure) {
            lost = Optional.of(failure);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void complain(ByteString bytes) {
        if (complaint.length() < LONGEST_COMPLAINT) {
            complaint.append(bytes.toStringUtf8());
        }
    }

    /// Reads on to the end.
    ///
    /// @param program what to call it
    /// @param broken what was wrong with what it wrote; its own complaint comes first, for it may be why
    void endWell(String program, Optional<IOException> broken) throws CommandException, ClusterException, IOException {
        long passed = 0;
        while (next()) {
            passed += piece.available();
            piece = InputStream.nullInputStream();
            if (broken.isPresent() && passed > MOST_PASSED) {
                throw broken.get(); // it goes on, and nobody has to wait for that
            }
        }
        if (lost.isPresent()) {
            throw lost.get();
        }
        var status = end.orElseThrow().status();
        if (status != 0 && status != CHANGED_MEANWHILE || broken.isPresent() && status != 0) {
            var why = complaint.toString().lines().filter(line -> !line.isBlank()).findFirst();
            throw CommandException.failed(ReceivedFiles.printable(
                    why.orElse(program + " ended with status " + status)));
        }
        if (broken.isPresent()) {
            throw broken.get();
        }
    }
}
