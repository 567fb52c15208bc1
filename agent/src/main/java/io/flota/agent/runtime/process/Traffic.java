package io.flota.agent.runtime.process;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// What the interfaces of a network have carried since they are there, but for the loopback.
///
/// @param received bytes
/// @param sent bytes
public record Traffic(long received, long sent) {
    private static final Traffic NONE = new Traffic(0, 0);
    private static final Splitter WORDS = Splitter.on(' ').omitEmptyStrings().trimResults();
    /// Where the sent bytes stand after the colon, as proc(5) has it for `/proc/PID/net/dev`.
    private static final int SENT = 8;

    /// Of the networks that processes have to themselves; empty if they have none, because what the machine's own network
    /// carries is everybody's.
    public static Optional<Traffic> of(Collection<Long> pids) {
        var seen = new HashSet<Path>();
        network("self").ifPresent(seen::add);
        var all = Optional.<Traffic>empty();
        for (long pid : pids) {
            if (network(Long.toString(pid)).filter(seen::add).isPresent()) {
                all = Optional.of(all.orElse(NONE).plus(interfaces(pid).orElse(NONE)));
            }
        }
        return all;
    }

    /// Empty if there is no such process.
    private static Optional<Path> network(String process) {
        try {
            return Optional.of(Files.readSymbolicLink(Path.of("/proc", process, "ns", "net")));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static Optional<Traffic> interfaces(long pid) {
        try {
            return Optional.of(parse(Files.readAllLines(Path.of("/proc/" + pid + "/net/dev"), StandardCharsets.ISO_8859_1)));
        } catch (IOException _) {
            return Optional.empty(); // it ends just now
        }
    }

    static Traffic parse(List<String> lines) {
        var all = NONE;
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon >= 0 && !line.substring(0, colon).strip().equals("lo")) {
                var figures = WORDS.splitToList(line.substring(colon + 1));
                all = all.plus(new Traffic(Long.parseLong(figures.getFirst()), Long.parseLong(figures.get(SENT))));
            }
        }
        return all;
    }

    private Traffic plus(Traffic other) {
        return new Traffic(received + other.received, sent + other.sent);
    }
}
