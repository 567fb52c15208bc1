package io.flota.loop;

import com.google.common.base.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;

/// The kernel's time since boot, to the hundredth of a second below. Where there is no such file, the time of the JVM:
/// nothing that runs units works there.
final class Uptime extends Ticker {
    private static final Path FILE = Path.of("/proc/uptime");
    private static final int NANOS = 9;

    static final Ticker TICKER = Files.exists(FILE) ? new Uptime() : Ticker.systemTicker();

    private Uptime() {}

    @Override
    public long read() {
        try {
            var text = Files.readString(FILE);
            return new BigDecimal(text.substring(0, text.indexOf(' '))).movePointRight(NANOS).longValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
