package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.exec.ServiceSettings.KillMode;
import io.flota.agent.runtime.exec.ServiceSettings.Killing;
import io.flota.agent.runtime.exec.ServiceSettings.RestartRule;
import io.flota.agent.runtime.exec.ServiceSettings.RestartWhen;
import io.flota.agent.runtime.exec.ServiceSettings.StartLimit;
import io.flota.agent.runtime.exec.ServiceSettings.Timeouts;
import io.flota.agent.runtime.exec.ServiceSettings.Type;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.BooleanValue;
import io.flota.unit.CommandLine;
import io.flota.unit.TimeSpan;
import io.flota.unit.Words;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/// Reads `[Service]`, and what `[Unit]` says about starting too often.
final class ServiceReader {
    /// systemd's DefaultTimeoutStartSec, DefaultTimeoutStopSec.
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(90);
    /// systemd's DefaultRestartSec, DefaultStartLimitIntervalSec, DefaultStartLimitBurst.
    private static final Duration DEFAULT_RESTART_DELAY = Duration.ofMillis(100);
    private static final Duration DEFAULT_LIMIT_INTERVAL = Duration.ofSeconds(10);
    private static final int DEFAULT_LIMIT_BURST = 5;

    private static final ImmutableMap<String, Type> TYPES = ImmutableMap.of(
            "simple", Type.SIMPLE,
            "exec", Type.SIMPLE,
            "idle", Type.SIMPLE,
            "oneshot", Type.ONESHOT,
            "notify", Type.NOTIFY,
            "notify-reload", Type.NOTIFY,
            "forking", Type.FORKING);
    private static final ImmutableMap<String, RestartWhen> RESTARTS = ImmutableMap.of(
            "no", RestartWhen.NO,
            "on-success", RestartWhen.ON_SUCCESS,
            "on-failure", RestartWhen.ON_FAILURE,
            "on-abnormal", RestartWhen.ON_ABNORMAL,
            "on-watchdog", RestartWhen.ON_WATCHDOG,
            "on-abort", RestartWhen.ON_ABORT,
            "always", RestartWhen.ALWAYS);
    private static final ImmutableMap<String, KillMode> KILL_MODES = ImmutableMap.of(
            "control-group", KillMode.CONTROL_GROUP,
            "mixed", KillMode.MIXED,
            "process", KillMode.PROCESS,
            "none", KillMode.NONE);

    private final SettingReader reader;

    private ServiceReader(SettingReader reader) {
        this.reader = reader;
    }

    static ServiceSettings read(SettingReader reader, boolean target) {
        return new ServiceReader(reader).read(target);
    }

    private ServiceSettings read(boolean target) {
        var commands = commands();
        var type = type(commands.containsKey(Hook.START));
        boolean remain = flag("RemainAfterExit", false) || target;
        var restart = restart();
        check(target, type, commands, remain, restart.when());
        boolean notifies = reader.choice("NotifyAccess", type == Type.NOTIFY, ImmutableMap.of(
                "none", type == Type.NOTIFY, "main", true, "exec", true, "all", true));
        // Who sends a message is not looked at: all of the unit's processes may.
        reader.service("NotifyAccess", value -> value)
                .filter(access -> access.equals("main") || access.equals("exec"))
                .ifPresent(access -> reader.unheld("NotifyAccess=" + access));
        return new ServiceSettings(
                type, commands, restart, startLimit(), timeouts(type), killing(), remain,
                reader.service("PIDFile", value -> absolute(reader.expand(value))),
                notifies, exits("SuccessExitStatus"), new SurroundingsReader(reader).read());
    }

    private void check(
            boolean target, Type type, ImmutableListMultimap<Hook, CommandLine> commands, boolean remain,
            RestartWhen restart) {
        int starts = commands.get(Hook.START).size();
        if (!target && starts == 0 && commands.get(Hook.STOP).isEmpty()) {
            reader.problem("there is neither ExecStart= nor ExecStop= in [Service], nothing to run. Add one.");
        } else if (!target && starts == 0 && type != Type.ONESHOT) {
            reader.problem("there is no ExecStart= in [Service]; only Type=oneshot may have none.");
        } else if (!target && starts == 0 && !remain) {
            reader.problem("a service without ExecStart= needs RemainAfterExit=yes.");
        }
        if (starts > 1 && type != Type.ONESHOT) {
            reader.problem("there are " + starts + " commands in ExecStart=; only Type=oneshot may have several.");
        }
        if (type == Type.ONESHOT && (restart == RestartWhen.ALWAYS || restart == RestartWhen.ON_SUCCESS)) {
            reader.problem("Restart=always and Restart=on-success cannot be had with Type=oneshot.");
        }
    }

    private ImmutableListMultimap<Hook, CommandLine> commands() {
        var commands = ImmutableListMultimap.<Hook, CommandLine>builder();
        for (var hook : Hook.values()) {
            commands.putAll(hook, reader.list(hook.key(), this::expanded));
        }
        return commands.build();
    }

    private ImmutableList<CommandLine> expanded(String value) {
        return CommandLine.parse(value).stream()
                .map(c -> new CommandLine(
                        c.ignoreFailure(), c.literal(), c.privilege(), reader.expand(c.executable()), c.named(),
                        c.arguments().stream().map(reader::expand).collect(ImmutableList.toImmutableList())))
                .collect(ImmutableList.toImmutableList());
    }

    private Type type(boolean hasStart) {
        return reader.service("Type", value -> {
                    if (value.equals("dbus")) {
                        throw new IllegalArgumentException("there is no message bus to wait for; use Type=notify or"
                                + " Type=simple, or run the unit under systemd");
                    }
                    return Optional.ofNullable(TYPES.get(value))
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "is not one of " + String.join(", ", TYPES.keySet())));
                })
                .orElse(hasStart ? Type.SIMPLE : Type.ONESHOT);
    }

    private RestartRule restart() {
        return new RestartRule(
                reader.choice("Restart", RestartWhen.NO, RESTARTS),
                reader.service("RestartSec", TimeSpan::parse).orElse(DEFAULT_RESTART_DELAY),
                exits("RestartPreventExitStatus"),
                exits("RestartForceExitStatus"));
    }

    private StartLimit startLimit() {
        var interval = reader.last("Unit", "StartLimitIntervalSec", TimeSpan::parse)
                .or(() -> reader.last("Unit", "StartLimitInterval", TimeSpan::parse))
                .or(() -> reader.last("Service", "StartLimitInterval", TimeSpan::parse))
                .or(() -> reader.last("Service", "StartLimitIntervalSec", TimeSpan::parse));
        var burst = reader.last("Unit", "StartLimitBurst", ServiceReader::count)
                .or(() -> reader.last("Service", "StartLimitBurst", ServiceReader::count));
        return new StartLimit(interval.orElse(DEFAULT_LIMIT_INTERVAL), burst.orElse(DEFAULT_LIMIT_BURST));
    }

    private static int count(String value) {
        return SettingReader.whole(value, 0, Integer.MAX_VALUE);
    }

    private Timeouts timeouts(Type type) {
        Function<String, Optional<Duration>> limit = value -> {
            var span = TimeSpan.parse(value);
            return span.isZero() || span.equals(TimeSpan.FOREVER) ? Optional.empty() : Optional.of(span);
        };
        var both = reader.service("TimeoutSec", limit);
        var unset = type == Type.ONESHOT ? Optional.<Duration>empty() : Optional.of(DEFAULT_TIMEOUT);
        return new Timeouts(
                reader.service("TimeoutStartSec", limit).or(() -> both).orElse(unset),
                reader.service("TimeoutStopSec", limit).or(() -> both).orElse(Optional.of(DEFAULT_TIMEOUT)),
                reader.service("RuntimeMaxSec", limit).orElse(Optional.empty()));
    }

    private Killing killing() {
        return new Killing(
                reader.choice("KillMode", KillMode.CONTROL_GROUP, KILL_MODES),
                signal("KillSignal", Signal.TERM),
                signal("FinalKillSignal", Signal.KILL),
                flag("SendSIGKILL", true),
                flag("SendSIGHUP", false));
    }

    private Signal signal(String key, Signal unset) {
        return reader.service(key, value -> Signal.named(value)
                        .orElseThrow(() -> new IllegalArgumentException("is not a signal, such as SIGTERM")))
                .orElse(unset);
    }

    private ImmutableSet<Exit> exits(String key) {
        return ImmutableSet.copyOf(reader.list(key, value -> Words.split(value).stream()
                .map(ServiceReader::exit)
                .collect(ImmutableList.toImmutableList())));
    }

    private static Exit exit(String word) {
        if (word.matches("\\d{1,3}") && Integer.parseInt(word) <= 255) {
            return new Exit.Code(Integer.parseInt(word));
        }
        var code = ExitStatus.named(word);
        if (code.isPresent()) {
            return new Exit.Code(code.getAsInt());
        }
        return new Exit.Killed(Signal.named(word)
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"" + word + "\" is neither an exit status from 0 to 255 nor a signal")));
    }

    private boolean flag(String key, boolean unset) {
        return reader.service(key, BooleanValue::parse).orElse(unset);
    }

    private static String absolute(String path) {
        return path.startsWith("/") ? path : "/run/" + path;
    }
}
