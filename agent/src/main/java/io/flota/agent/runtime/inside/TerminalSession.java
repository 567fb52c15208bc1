package io.flota.agent.runtime.inside;

import io.flota.agent.runtime.Errand.Size;
import io.flota.agent.runtime.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;

/// Of a program with a terminal.
record TerminalSession(PseudoTerminal terminal, Process process) implements Session {
    /// Ctrl-D, which ends the input of whoever reads lines.
    private static final byte[] END = {4};

    @Override
    public OutputStream input() {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                for (int written = 0; written < length; ) {
                    written += terminal.write(bytes, offset + written, length - written);
                }
            }

            @Override
            public void close() throws IOException {
                write(END, 0, END.length);
            }
        };
    }

    /// Ends with the program, also if it has left others behind that have the terminal.
    @Override
    public InputStream output() {
        return new InputStream() {
            @Override
            public int read() {
                var one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                while (true) {
                    boolean isOver = !process.isAlive();
                    int count = terminal.read(bytes, offset, length);
                    if (count != 0 || isOver) {
                        return count == 0 ? -1 : count;
                    }
                }
            }
        };
    }

    @Override
    public InputStream error() {
        return InputStream.nullInputStream();
    }

    @Override
    public void resize(Size size) throws IOException {
        terminal.resize(size);
    }

    @Override
    public Optional<Integer> await(Duration patience) throws InterruptedException {
        return new Visit(process).await(patience);
    }

    @Override
    public void close() {
        new Visit(process).end();
        terminal.close();
    }
}
