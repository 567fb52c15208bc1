package io.flota.agent.runtime.exec;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import io.flota.agent.runtime.exec.Accounts.Account;
import io.flota.agent.runtime.exec.Launch.ImpossibleException;
import io.flota.agent.runtime.exec.ServiceSettings.Surroundings;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.agent.runtime.setting.EnvironmentSource;
import io.flota.unit.CommandLine;
import io.flota.unit.EnvironmentFileSyntax;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Makes a [Launch] of a command: looks up program, user and folders, reads environment files, expands variables.
final class Launches {
    /// systemd's, for units and for looking up programs.
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final String COMMON_ENVIRONMENT = "/etc/environment";

    private final ExecSettings machine;

    Launches(ExecSettings machine) {
        this.machine = machine;
    }

    Launch of(UnitName unit, UnitSettings settings, Life life, Hook hook, CommandLine command)
            throws ImpossibleException {
        var service = settings.service();
        var surroundings = service.surroundings();
        boolean privileged = command.privilege() == CommandLine.Privilege.FULL
                || command.privilege() == CommandLine.Privilege.KEEP_USER;
        var account = privileged ? Optional.<Account>empty() : account(surroundings);
        var environment = environment(unit, service, life, hook, account);
        var program = lookUp(command.executable());
        var chain = ImmutableList.<String>builder();
        chain.add(lookUp("setsid"), "--");
        chain.addAll(surroundings.prefix());
        chain.addAll(privileged ? ImmutableList.of() : identity(surroundings, account));
        chain.addAll(named(program, command, environment));
        var name = Path.of(program).getFileName().toString();
        return new Launch(
                chain.build(), name, environment, folder(surroundings, account), surroundings.umask(),
                surroundings.streams());
    }

    private static ImmutableList<String> named(
            String program, CommandLine command, ImmutableMap<String, String> environment) throws ImpossibleException {
        var arguments = command.expandedArguments(UnaryOperator.identity(), environment);
        if (!command.named()) {
            return ImmutableList.<String>builder().add(program).addAll(arguments).build();
        }
        // Only bash can give a program another name for itself.
        return ImmutableList.<String>builder()
                .add(lookUp("bash"), "-c", "name=$1; shift; exec -a \"$name\" \"$0\" \"$@\"", program)
                .addAll(arguments)
                .build();
    }

    private static Optional<Account> account(Surroundings surroundings) throws ImpossibleException {
        return surroundings.user().isPresent()
                ? Optional.of(Accounts.user(surroundings.user().get()))
                : Optional.empty();
    }

    private static ImmutableList<String> identity(Surroundings surroundings, Optional<Account> account)
            throws ImpossibleException {
        var options = ImmutableList.<String>builder();
        if (surroundings.noNewPrivileges()) {
            options.add("--no-new-privs");
        }
        if (surroundings.group().isPresent()) {
            options.add("--regid", Accounts.group(surroundings.group().get()));
        } else if (account.isPresent()) {
            options.add("--regid", account.get().group());
        }
        if (account.isPresent()) {
            options.add("--reuid", account.get().uid(), "--init-groups");
        } else if (surroundings.group().isPresent()) {
            options.add("--clear-groups");
        }
        var chosen = options.build();
        return chosen.isEmpty()
                ? chosen
                : ImmutableList.<String>builder().add(lookUp("setpriv")).addAll(chosen).add("--").build();
    }

    private static String folder(Surroundings surroundings, Optional<Account> account) throws ImpossibleException {
        if (surroundings.workingFolder().isEmpty()) {
            return "/";
        }
        var wanted = surroundings.workingFolder().get();
        var path = wanted.path().equals("~") ? account.map(Account::home).orElse("/root") : wanted.path();
        if (Files.isDirectory(Path.of(path))) {
            return path;
        }
        if (wanted.mayMiss()) {
            return "/";
        }
        throw new ImpossibleException(ExitStatus.CHDIR, "WorkingDirectory=" + path + ": no such folder");
    }

    private ImmutableMap<String, String> environment(
            UnitName unit, ServiceSettings service, Life life, Hook hook, Optional<Account> account)
            throws ImpossibleException {
        var variables = service.surroundings().variables();
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", PATH);
        environment.putAll(machine.environment());
        environment.put("COREOS_PUBLIC_IPV4", machine.publicIp());
        environment.put("COREOS_PRIVATE_IPV4", machine.privateIp());
        account.ifPresent(user -> {
            environment.put("HOME", user.home());
            environment.put("LOGNAME", user.name());
            environment.put("USER", user.name());
            environment.put("SHELL", user.shell());
        });
        for (var name : variables.passed()) {
            Optional.ofNullable(System.getenv(name)).ifPresent(value -> environment.put(name, value));
        }
        environment.putAll(variables.set());
        for (var source : variables.files()) {
            environment.putAll(read(source));
        }
        environment.put("INVOCATION_ID", invocation(unit, life));
        life.main().filter(Proc::isClaimed).ifPresent(main ->
                environment.put("MAINPID", Long.toString(main.pid())));
        if (service.notifies()) {
            environment.put("NOTIFY_SOCKET", NotifyAddress.of(machine, unit));
        }
        if (hook == Hook.STOP || hook == Hook.STOP_POST) {
            environment.put("SERVICE_RESULT", life.result().word());
            life.mainExit().ifPresent(exit -> {
                environment.put("EXIT_CODE", exit.codeWord());
                environment.put("EXIT_STATUS", exit.statusWord());
            });
        }
        service.surroundings().folders().asMap().forEach((base, names) -> environment.put(
                FolderMaker.variable(base),
                String.join(":", names.stream().map(name -> base + "/" + name).toList())));
        variables.unset().forEach(name -> unset(environment, name));
        // Last: nothing takes away the marks, by which processes are found, nor the epoch.
        environment.put("FLOTA_MACHINE_ID", machine.machineId());
        environment.put("FLOTA_UNIT", unit.full());
        if (life.epoch().exists()) {
            environment.put("FLOTA_EPOCH", Long.toString(life.epoch().number()));
        }
        return ImmutableMap.copyOf(environment);
    }

    /// `NAME`, or `NAME=value` for only that value.
    private static void unset(Map<String, String> environment, String name) {
        int equals = name.indexOf('=');
        if (equals < 0) {
            environment.remove(name);
        } else {
            environment.remove(name.substring(0, equals), name.substring(equals + 1));
        }
    }

    private ImmutableMap<String, String> read(EnvironmentSource source) throws ImpossibleException {
        boolean common = source.path().equals(COMMON_ENVIRONMENT);
        var path = common ? machine.environmentFile().orElse(Path.of(source.path())) : Path.of(source.path());
        try {
            var bytes = WholeFile.read(path);
            if (bytes.isPresent()) {
                return EnvironmentFileSyntax.parse(source.path(), bytes.get().toStringUtf8()).variables();
            }
            // A host without that file has nothing to say there; the units of the field expect it everywhere.
            if (common || source.mayMiss()) {
                return ImmutableMap.of();
            }
            throw new ImpossibleException(ExitStatus.EXEC, "EnvironmentFile=" + path + ": no such file");
        } catch (IOException e) {
            if (source.mayMiss()) {
                return ImmutableMap.of();
            }
            throw new ImpossibleException(ExitStatus.EXEC, "EnvironmentFile=" + path + ": " + e.getMessage());
        }
    }

    /// The same for all processes of one activation, and new for the next.
    private String invocation(UnitName unit, Life life) {
        return Hashing.sha256()
                .hashUnencodedChars(machine.machineId() + "/" + unit + "/" + life.activated())
                .toString()
                .substring(0, 32);
    }

    static String lookUp(String program) throws ImpossibleException {
        if (!program.startsWith("/")) {
            for (var folder : Splitter.on(':').split(PATH)) {
                var path = Path.of(folder, program);
                if (Files.isExecutable(path) && !Files.isDirectory(path)) {
                    return path.toString();
                }
            }
            throw new ImpossibleException(ExitStatus.EXEC, program + ": no such program in " + PATH);
        }
        var path = Path.of(program);
        if (!Files.exists(path)) {
            throw new ImpossibleException(ExitStatus.EXEC, program + ": no such file");
        }
        if (Files.isDirectory(path) || !Files.isExecutable(path)) {
            throw new ImpossibleException(ExitStatus.EXEC, program + ": is not a program that may be run");
        }
        return program;
    }
}
