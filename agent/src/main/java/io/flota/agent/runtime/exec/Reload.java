package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.Errand;
import io.flota.agent.runtime.NotEnteredException;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.Session;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.process.Signal;
import io.flota.unit.CommandLine;
import io.flota.unit.CommandLine.Privilege;
import io.flota.unit.UnitFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// The commands of `ExecReload=`, one after the other, inside the unit; or the signal of `Type=notify-reload`.
record Reload(UnitRuntime runtime, Entry entry) {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration SETTLED = Duration.ofMillis(500);
    private static final int LONGEST = 300;

    /// @return why it was not done; empty if it was
    Optional<String> run() throws RuntimeUnavailableException, InterruptedException {
        var service = entry.settings().service();
        var commands = service.commands().get(Hook.RELOAD);
        if (!entry.phase().active().equals("active")) {
            return Optional.of("it is not active");
        }
        if (commands.isEmpty()) {
            return notifies(entry.file()) ? runtime.signal(entry.name(), Signal.HUP) : Optional.of("it has no ExecReload=");
        }
        for (var command : commands) {
            var failure = run(command);
            if (failure.isPresent() && !command.ignoreFailure()) {
                return failure;
            }
        }
        return Optional.empty();
    }

    private static boolean notifies(UnitFile file) {
        return file.last("Service", "Type").equals(Optional.of("notify-reload"));
    }

    private Optional<String> run(CommandLine command) throws RuntimeUnavailableException, InterruptedException {
        var pid = entry.life().main().map(main -> Long.toString(main.pid())).orElse("");
        var variables = new TreeMap<String, String>(entry.settings().service().surroundings().variables().set());
        variables.put("MAINPID", pid);
        var arguments = command.expandedArguments(UnaryOperator.identity(), variables);
        var words = ImmutableList.<String>builder().add("/usr/bin/env", "MAINPID=" + pid, command.executable());
        words.addAll(command.named() ? arguments.subList(1, arguments.size()) : arguments);
        var user = entry.settings().service().surroundings().user().filter(_ -> command.privilege() == Privilege.NONE);
        try (var session = runtime.enter(entry.name(), new Errand.Command(words.build(), user, Optional.empty()))) {
            session.input().close();
            var said = drained(session);
            var status = session.await(PATIENCE);
            if (status.isEmpty()) {
                return Optional.of("its ExecReload= did not end within " + PATIENCE.toSeconds() + " s");
            }
            return status.get() == 0
                    ? Optional.empty()
                    : Optional.of("its ExecReload= ended with status " + status.get() + said.last());
        } catch (NotEnteredException e) {
            return Optional.of("its ExecReload= cannot be run: " + e.getMessage());
        } catch (IOException e) {
            return Optional.of("its ExecReload= cannot be run: " + e);
        }
    }

    /// Reads all that it says, so that it need not wait.
    private static Output drained(Session session) {
        return new Output(Stream.drained(session.error()), Stream.drained(session.output()));
    }

    /// @param text what was written last
    private record Stream(Thread reader, StringBuffer text) {
        static Stream drained(InputStream from) {
            var text = new StringBuffer();
            return new Stream(Thread.ofVirtual().name("output of a reload").start(() -> {
                try (var reader = new InputStreamReader(from, StandardCharsets.UTF_8)) {
                    reader.transferTo(new Tail(text));
                } catch (IOException _) {
                    // it has ended
                }
            }), text);
        }

        /// What a daemon that it left behind may still hold open is not waited for.
        Optional<String> lastLine() throws InterruptedException {
            var _ = reader.join(SETTLED);
            return text.toString().lines().map(String::strip).filter(line -> !line.isEmpty()).reduce((_, last) -> last);
        }
    }

    /// What was written last.
    private static final class Tail extends Writer {
        private final StringBuffer text;

        Tail(StringBuffer text) {
            this.text = text;
        }

        @Override
        public void write(char[] part, int from, int length) {
            text.append(part, from, length);
            text.delete(0, Math.max(0, text.length() - LONGEST));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private record Output(Stream errors, Stream others) {
        /// Errors say more than all else.
        String last() throws InterruptedException {
            var line = errors.lastLine();
            return (line.isPresent() ? line : others.lastLine()).map(said -> ": " + said).orElse("");
        }
    }
}
