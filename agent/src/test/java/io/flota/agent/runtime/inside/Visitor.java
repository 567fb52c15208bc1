package io.flota.agent.runtime.inside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.Errand;
import io.flota.agent.runtime.Errand.Command;
import io.flota.agent.runtime.Errand.Size;
import io.flota.agent.runtime.Errand.Terminal;
import io.flota.agent.runtime.Session;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// Has things done inside a unit, whatever runs it.
public record Visitor(UnitRuntime runtime, UnitName unit) {
    private static final Duration HOPELESS = Duration.ofSeconds(30);

    public Visitor(UnitRuntime runtime, String unit) {
        this(runtime, new UnitName(unit));
    }

    /// What became of a command.
    public record Outcome(int status, String output, String error) {}

    public static Command command(String... words) {
        return new Command(ImmutableList.copyOf(words), Optional.empty(), Optional.empty());
    }

    public static Command as(String user, String... words) {
        return new Command(ImmutableList.copyOf(words), Optional.of(user), Optional.empty());
    }

    public static Command onTerminal(String... words) {
        return new Command(
                ImmutableList.copyOf(words), Optional.empty(), Optional.of(new Terminal("vt100", new Size(80, 24))));
    }

    public Session enter(Errand errand) throws Exception {
        return runtime.enter(unit, errand);
    }

    /// What a line of shell says, without its last newline.
    public String said(String line) throws Exception {
        var outcome = outcome(command("sh", "-c", line), "");
        assertThat(outcome.status()).as(outcome.error()).isZero();
        return outcome.output().strip();
    }

    public Outcome outcome(Errand errand, String input) throws Exception {
        try (var session = enter(errand)) {
            try (var in = session.input()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            var output = new String(session.output().readAllBytes(), StandardCharsets.UTF_8);
            var error = new String(session.error().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(end(session), output, error);
        }
    }

    public static int end(Session session) throws InterruptedException {
        var status = session.await(HOPELESS);
        assertThat(status).as("an end").isPresent();
        return status.get();
    }

    /// Types a line.
    public static void type(Session session, String text) throws IOException {
        session.input().write(text.getBytes(StandardCharsets.UTF_8));
        session.input().flush();
    }

    /// Reads on until this is shown.
    public static String untilShown(Session session, String regex) {
        var shown = new StringBuilder();
        var pattern = Pattern.compile(regex);
        var buffer = new byte[4096];
        await().atMost(HOPELESS).pollInterval(Duration.ofMillis(1)).until(() -> {
            int count = session.output().read(buffer);
            shown.append(new String(buffer, 0, Math.max(0, count), StandardCharsets.UTF_8));
            assertThat(count).as("no end before %s in: %s", regex, shown).isPositive();
            return pattern.matcher(shown).find();
        });
        return shown.toString();
    }
}
