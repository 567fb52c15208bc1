package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A terminal of 80 by 24 with a shell in it, which a test types into and reads. Needs tmux.
public final class Tmux implements AutoCloseable {
    private static final Duration HOPELESS = Duration.ofSeconds(20);

    private final Path folder;

    /// @param folder where the shell is
    /// @param environment what unitctl needs to find its cluster
    public Tmux(Path folder, Map<String, String> environment) throws IOException {
        this.folder = folder;
        var command = new ArrayList<>(List.of("new-session", "-d", "-x", "80", "-y", "24"));
        environment.forEach((name, value) -> command.addAll(List.of("-e", name + "=" + value)));
        // Not by -e: tmux sets this variable itself.
        var path = "PATH=" + Unitctl.home().resolve("bin") + ":" + System.getenv("PATH");
        command.addAll(List.of("-c", folder.toString(), "env", path, "bash", "--norc", "--noprofile"));
        run(command.toArray(String[]::new));
        // Lines that scrolled away are shown, too, and those that were wrapped as one.
        run("set-option", "-g", "history-limit", "5000");
    }

    /// A line.
    public void type(String line) throws IOException {
        run("send-keys", "-l", line);
        press("Enter");
    }

    /// A key by tmux's name.
    public void press(String key) throws IOException {
        run("send-keys", key);
    }

    public void resize(int columns, int rows) throws IOException {
        run("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(rows));
    }

    public boolean shows(String regex) throws IOException {
        return Pattern.compile(regex).matcher(shown()).find();
    }

    public void untilShown(String regex) {
        await().atMost(HOPELESS)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(shown()).containsPattern(regex));
    }

    /// The group of the last place that this matches.
    public String lastOf(String regex) throws IOException {
        return Pattern.compile(regex).matcher(shown()).results().reduce((_, last) -> last).orElseThrow().group(1);
    }

    private String shown() throws IOException {
        return run("capture-pane", "-p", "-J", "-S", "-").replaceAll(" +\n", "\n");
    }

    private String run(String... words) throws IOException {
        var command = new ArrayList<>(List.of("tmux", "-S", folder.resolve(".tmux").toString(), "-f", "/dev/null"));
        command.addAll(List.of(words));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("tmux " + String.join(" ", words) + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return said;
    }

    @Override
    public void close() throws IOException {
        run("kill-server");
    }
}
