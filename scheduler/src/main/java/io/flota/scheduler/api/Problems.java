package io.flota.scheduler.api;

import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Gathers all that is wrong with a call. The plainest kind of problem gives the answer its code: what can never be
/// right comes before what is not there, and that before what merely is in the way.
final class Problems {
    private static final List<Code> PLAINEST_FIRST =
            List.of(Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.FAILED_PRECONDITION);

    private final List<String> lines = new ArrayList<>();
    private final List<Code> codes = new ArrayList<>();

    void add(Code code, String line) {
        codes.add(code);
        lines.add(printable(line));
    }

    void addAll(Code code, List<String> problems) {
        problems.forEach(problem -> add(code, problem));
    }

    void refuseIfAny() throws RefusedException {
        if (!lines.isEmpty()) {
            var code = PLAINEST_FIRST.stream().filter(codes::contains).findFirst().orElse(codes.getFirst());
            throw new RefusedException(code, lines);
        }
    }

    /// One line on a terminal, whatever names and sources a client sent.
    static String printable(String line) {
        return line.codePoints()
                .mapToObj(c -> Character.isISOControl(c) ? "\\u%04x".formatted(c) : Character.toString(c))
                .collect(Collectors.joining());
    }
}
