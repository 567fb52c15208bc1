package io.flota.agent.runtime.inside;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.Errand;
import io.flota.agent.runtime.Errand.Command;
import io.flota.agent.runtime.Errand.Read;
import io.flota.agent.runtime.Errand.Write;
import io.flota.agent.runtime.NotEnteredException;
import io.flota.agent.runtime.NotEnteredException.Cause;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.Session;
import io.flota.agent.runtime.UnitDetails.Member;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.inside.PseudoTerminal.Devices;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The way into a unit that consists of processes of this machine.
public final class Entrance {
    /// systemd's, for a main process that has none.
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final UnitName unit;
    private final Resident resident;
    private final UnitRoot root;

    private Entrance(UnitName unit, Resident resident) {
        this.unit = unit;
        this.resident = resident;
        this.root = resident.root();
    }

    /// Begins an errand beside a unit's main process; if it has none, beside the oldest of the others.
    public static Session open(UnitRuntime runtime, UnitName unit, Errand errand)
            throws NotEnteredException, RuntimeUnavailableException {
        var state = Optional.ofNullable(runtime.observe().get(unit));
        var details = runtime.details(unit);
        if (state.isEmpty() || details.isEmpty()) {
            throw new NotEnteredException(Cause.UNIT, "unit " + unit + " is not on this machine");
        }
        var members = details.get().processes().stream().map(Member::pid).toList();
        long main = state.get().mainPid();
        if (members.isEmpty()) {
            throw new NotEnteredException(
                    Cause.PROCESS, "unit " + unit + " is not running (" + state.get().active() + "): start it first");
        }
        var entrance = new Entrance(unit, new Resident(members.contains(main) ? main : members.getFirst()));
        try {
            return entrance.open(errand);
        } catch (IOException e) {
            throw new NotEnteredException(
                    Cause.POWER, "cannot enter unit " + unit + ": " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.AccessDeniedException denied ->
                denied.getFile() + ": permission denied; the agent has to be root";
            case java.nio.file.NoSuchFileException gone -> gone.getFile() + " is gone; has the unit just ended?";
            default -> e.getMessage();
        };
    }

    private Session open(Errand errand) throws IOException, NotEnteredException {
        return switch (errand) {
            case Command command -> run(command);
            case Read(String path) -> {
                var found = found(path);
                var folder = Optional.ofNullable(found.getParent()).filter(_ -> !found.equals(root.folder()));
                var from = folder.orElseThrow(() ->
                        new NotEnteredException(Cause.NAME, "all of " + unit + " is not copied at once: name a folder"));
                yield tar("", "-C", root.inside(from), "-cf", "-", "--", found.getFileName().toString());
            }
            case Write(String path) -> {
                var place = root.find(path).filter(Files::isDirectory);
                if (place.isPresent()) {
                    yield unpack(place.get(), "");
                }
                int cut = path.lastIndexOf('/');
                var folder = path.substring(0, Math.max(0, cut));
                var within = root.find(folder).filter(Files::isDirectory);
                if (within.isEmpty() || cut == path.length() - 1) {
                    throw new NotEnteredException(
                            Cause.NAME, "there is no folder " + (within.isEmpty() ? folder : path) + " in unit " + unit);
                }
                yield unpack(within.get(), path.substring(cut + 1));
            }
        };
    }

    private Path found(String path) throws IOException, NotEnteredException {
        return root.find(path).orElseThrow(() ->
                new NotEnteredException(Cause.NAME, "there is no " + path + " in unit " + unit));
    }

    private Session unpack(Path folder, String entry) throws IOException, NotEnteredException {
        return tar(entry, "-C", root.inside(folder), "-xpf", "-");
    }

    /// With the variables of nobody: `TAR_OPTIONS` would have it do other things.
    private Session tar(String entry, String... arguments) throws IOException, NotEnteredException {
        var environment = new HashMap<>(resident.environment());
        environment.keySet().removeIf(name -> !name.startsWith("FLOTA_"));
        environment.put("PATH", PATH);
        check("tar", environment);
        var words = ImmutableList.<String>builder().add("tar").add(arguments).build();
        var builder = builder("", words, Optional.empty());
        set(builder, environment);
        return new PipedSession(builder.start(), Optional.of(entry));
    }

    private Session run(Command command) throws IOException, NotEnteredException {
        var account = command.user().isPresent() ? Optional.of(account(command.user().get())) : root();
        var environment = environment(command, account);
        check(command.words().getFirst(), environment);
        var user = command.user().isPresent() ? account : Optional.<UnitAccount>empty();
        if (command.terminal().isEmpty()) {
            var builder = builder("", command.words(), user);
            set(builder, environment);
            return new PipedSession(builder.start(), Optional.empty());
        }
        var terminal = PseudoTerminal.open(Devices.of(root), command.terminal().get().size());
        try {
            var builder = builder(terminal.path().toString(), command.words(), user)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            set(builder, environment);
            return new TerminalSession(terminal, builder.start());
        } catch (IOException e) {
            terminal.close();
            throw e;
        }
    }

    private UnitAccount account(String user) throws IOException, NotEnteredException {
        return UnitAccount.of(root, user).orElseThrow(() ->
                new NotEnteredException(Cause.NAME, "there is no user " + user + " in unit " + unit));
    }

    /// Whose home counts for a command that runs as root; an agent that is not root stays who it is.
    private Optional<UnitAccount> root() throws IOException {
        return System.getProperty("user.name").equals("root") ? UnitAccount.of(root, "root") : Optional.empty();
    }

    private Map<String, String> environment(Command command, Optional<UnitAccount> account) throws IOException {
        var environment = new HashMap<>(resident.environment());
        environment.putIfAbsent("PATH", PATH);
        account.ifPresent(user -> {
            environment.put("HOME", user.home());
            environment.put("USER", user.name());
            environment.put("LOGNAME", user.name());
        });
        environment.remove("TERM");
        command.terminal()
                .map(Errand.Terminal::type)
                .filter(type -> !type.isEmpty())
                .ifPresent(type -> environment.put("TERM", type));
        return environment;
    }

    private static void set(ProcessBuilder builder, Map<String, String> environment) {
        builder.environment().clear();
        builder.environment().putAll(environment);
    }

    /// Says what the kernel would say less clearly. What lies in the working folder, it says itself.
    private void check(String program, Map<String, String> environment) throws IOException, NotEnteredException {
        var path = environment.get("PATH");
        boolean isFile = false;
        if (program.startsWith("/")) {
            var found = root.find(program);
            if (found.filter(Entrance::isProgram).isPresent()) {
                return;
            }
            isFile = found.isPresent();
        } else if (program.contains("/")) {
            return;
        } else {
            for (var folder : Splitter.on(':').split(path)) {
                var found = root.find(folder + "/" + program).filter(Files::isRegularFile);
                if (found.filter(Entrance::isProgram).isPresent()) {
                    return;
                }
                isFile |= found.isPresent();
            }
        }
        if (isFile) {
            throw new NotEnteredException(
                    Cause.EXECUTABLE, program + " in unit " + unit + " is no program that may be run");
        }
        throw new NotEnteredException(
                Cause.PROGRAM, "there is no program " + program + " in unit " + unit
                        + (program.startsWith("/") ? "" : ", whose PATH is " + path));
    }

    private static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }

    /// Leads a session of its own, enters the unit's control groups, takes the terminal, enters its namespaces, and becomes
    /// the command. A unit whose main process ends meanwhile is not entered: its working folder is gone then.
    ///
    /// Where the unit's processes have numbers of their own, one of them leads the session that has the terminal, or a shell
    /// there would not know its own group of processes and do without job control.
    ///
    /// @param terminal empty: none
    private ProcessBuilder builder(String terminal, ImmutableList<String> words, Optional<UnitAccount> user)
            throws IOException {
        var command = ImmutableList.<String>builder();
        command.add("setsid", "--", "/bin/sh", "-c", ENTER, "enter");
        JoinedGroups.of(resident.pid()).forEach(file -> command.add(file.toString()));
        command.add("--");
        boolean takesNumber = !terminal.isEmpty() && resident.hasOwnProcesses();
        if (takesNumber) {
            command.addAll(resident.enteringProcesses()).add("--", "setsid", "--");
        }
        if (!terminal.isEmpty()) {
            command.add("/bin/sh", "-c", TAKE, "take", terminal);
        }
        // The user is changed last, by nsenter, for only root may enter. Its groups are set before where that can be done:
        // nsenter itself knows no others beside the first one.
        boolean ownUsers = resident.hasOwnUsers();
        if (user.isPresent() && !ownUsers) {
            var groups = user.get().groups();
            command.add("setpriv", "--regid", user.get().gid());
            command.add(groups.isEmpty() ? "--clear-groups" : "--groups=" + String.join(",", groups), "--");
        }
        command.addAll(resident.entering(!takesNumber));
        user.ifPresent(account -> command.add("--setuid", account.uid()));
        user.filter(_ -> ownUsers).ifPresent(account -> command.add("--setgid", account.gid()));
        command.add("--").addAll(words);
        return new ProcessBuilder(command.build());
    }

    private static final String ENTER = """
            while [ "$1" != -- ]; do
                echo 0 >"$1" || exit 125
                shift
            done
            shift
            exec "$@"
            """;

    private static final String TAKE = """
            exec <>"$1" >&0 2>&1 || exit 125
            shift
            exec "$@"
            """;
}
