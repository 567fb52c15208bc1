package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import io.flota.agent.render.HaproxyChange.Command;
import io.flota.agent.render.RenderedUnit.Change;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.process.Signal;
import io.flota.unit.RenderRules;
import io.flota.unit.RenderRules.OnRender;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has a unit that is up take its new files: an HAProxy by its socket where that can be, else as `OnRender=` says.
final class Taking {
    private static final Logger LOG = LoggerFactory.getLogger(Taking.class);

    private final UnitName unit;
    private final RenderRules rules;
    private final UnitRuntime runtime;
    private final Restarts restarts;
    private final Optional<HaproxySocket> socket;
    /// What the running HAProxy lacks; empty: only a reload will do.
    private Optional<ImmutableList<Command>> commands = Optional.empty();
    /// The process that a reload was to replace: as long as it answers, the new one may have read the files before.
    private OptionalLong leaving = OptionalLong.empty();
    /// The restart that was asked for, for the files as they are now.
    private OptionalLong wish = OptionalLong.empty();

    Taking(UnitName unit, RenderRules rules, UnitRuntime runtime, Restarts restarts) {
        this.unit = unit;
        this.rules = rules;
        this.runtime = runtime;
        this.restarts = restarts;
        this.socket = rules.socket().map(path -> new HaproxySocket(Path.of(path)));
    }

    /// Whether the unit is to be told at all.
    boolean isDue() {
        return !(rules.onRender() instanceof OnRender.Nothing);
    }

    /// @param changes all that it lacks, if it is known to be as the files were before them
    void owe(Optional<ImmutableList<Change>> changes) {
        wish = OptionalLong.empty();
        commands = changes.filter(_ -> socket.isPresent()).flatMap(Taking::commands);
    }

    private static Optional<ImmutableList<Command>> commands(ImmutableList<Change> changes) {
        var all = ImmutableList.<Command>builder();
        for (var change : changes) {
            var commands = HaproxyChange.between(change.before().toStringUtf8(), change.after().toStringUtf8());
            if (commands.isEmpty()) {
                return Optional.empty();
            }
            all.addAll(commands.get());
        }
        return Optional.of(all.build());
    }

    /// Whether a restart was asked for that is still to come.
    boolean isAwaited() {
        return wish.isPresent() && restarts.isOpen(unit, wish.getAsLong());
    }

    /// Whether the restart that was asked for has come.
    boolean isMet() {
        return wish.isPresent() && !isAwaited();
    }

    /// What [#isAwaited] afterwards has yet to come.
    ///
    /// @return why it has not
    Optional<String> take() throws RuntimeUnavailableException, InterruptedException {
        var live = commands;
        commands = Optional.empty(); // whatever comes of it: what is done is not to be done again
        if (live.isPresent()) {
            var failure = tell(live.get());
            if (failure.isEmpty()) {
                LOG.info("changed HAProxy without a reload unit={} commands={}", unit, live.get().size());
                return Optional.empty();
            }
            LOG.warn("HAProxy takes no change by its socket, it is reloaded instead unit={} because={}",
                    unit, failure.get());
        }
        leaving = worker();
        return switch (rules.onRender()) {
            case OnRender.Reload _ -> replaced(runtime.reload(unit), "reloaded");
            case OnRender.Signal(String name) ->
                replaced(runtime.signal(unit, Signal.named(name).orElseThrow()), "signalled");
            case OnRender.Restart _ -> {
                wish = OptionalLong.of(restarts.ask(unit));
                yield replaced(Optional.empty(), "to start anew");
            }
            case OnRender.Nothing _ -> Optional.empty();
        };
    }

    private Optional<String> replaced(Optional<String> failure, String what) {
        if (failure.isEmpty()) {
            LOG.info(what + " for its rendered files unit={}", unit);
        }
        return failure;
    }

    private OptionalLong worker() {
        try {
            return socket.isPresent() ? OptionalLong.of(socket.get().worker()) : OptionalLong.empty();
        } catch (IOException _) {
            return OptionalLong.empty(); // none that could be taken for the next one
        }
    }

    /// @return what went wrong
    private Optional<String> tell(ImmutableList<Command> live) {
        var haproxy = socket.orElseThrow();
        try {
            long worker = haproxy.worker();
            if (leaving.isPresent() && leaving.getAsLong() == worker) {
                return Optional.of("process " + worker + " is about to go");
            }
            leaving = OptionalLong.empty();
            for (var command : live) {
                var answer = haproxy.ask(command.text());
                if (!command.answer().matcher(answer).matches()) {
                    return Optional.of("to \"" + command.text() + "\" it says \""
                            + answer.lines().findFirst().orElse("") + "\"");
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.toString());
        }
    }
}
