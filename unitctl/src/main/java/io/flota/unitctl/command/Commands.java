package io.flota.unitctl.command;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The commands that there are. Only the one that is asked for is made, so that the others cost nothing.
public enum Commands {
    SUBMIT("submit", "register units from files"),
    LOAD("load", "put units on machines without a start"),
    START("start", "start units, and wait until they are active"),
    STOP("stop", "stop units, and wait until they are down"),
    UNLOAD("unload", "stop units and take them from their machines"),
    DESTROY("destroy", "forget units"),
    RESTART("restart", "start units anew where they are"),
    SCALE("scale", "have so many instances of a template run"),
    SET_PROPERTY("set-property", "set resource limits of units, without a restart"),
    SHOW("show", "what is registered of units, as NAME=VALUE"),
    LIST_UNITS("list-units", "what the machines report of the units"),
    LIST_UNIT_FILES("list-unit-files", "the registered units"),
    LIST_MACHINES("list-machines", "the machines"),
    LIST_ENDPOINTS("list-endpoints", "where units can be reached for services"),
    CORDON("cordon", "have machines take nothing new"),
    UNCORDON("uncordon", "have machines take units again"),
    DRAIN("drain", "empty machines, and wait until they are"),
    SET_METADATA("set-metadata", "give machines metadata that counts instead of their agents'"),
    UNSET_METADATA("unset-metadata", "take metadata from machines"),
    RESET_METADATA("reset-metadata", "let metadata that the agents tell count again"),
    STATUS("status", "all that is known of units, or why they wait"),
    CAT("cat", "the file of a registered unit"),
    JOURNAL("journal", "what units wrote"),
    TOP("top", "what units use at the moment: CPU, memory, tasks"),
    EXEC("exec", "run a command inside a unit"),
    SSH("ssh", "a shell on a machine, or on the one that has a unit"),
    CP("cp", "copy files to and from the inside of a unit"),
    EVENTS("events", "what has happened, and why"),
    ANNOUNCE("announce", "have this machine's agent tell where a unit can be reached"),
    VALVE("valve", "whether too many machines vanished at once to move their units"),
    VERIFY("verify", "check unit files, without a cluster"),
    CA("ca", "make certificates for the cluster"),
    LOCAL("local", "run a whole cluster on this machine"),
    IMPORT_FLEET("import-fleet", "copy what is registered in a running fleet cluster"),
    FD_FORWARD("fd-forward", "join standard input and output to a unix socket"),
    COMPLETION("completion", "a script that teaches the shell these commands"),
    VERSION("version", "which version this is"),
    HELP("help", "this overview, or the flags of a command");

    /// What fleetctl shortens, is shortened here in the same way, whatever else begins so.
    private static final Set<Commands> FLEETS = EnumSet.of(
            SUBMIT, LOAD, START, STOP, UNLOAD, DESTROY, RESTART, LIST_UNITS, LIST_UNIT_FILES, LIST_MACHINES, STATUS,
            CAT, JOURNAL, SSH, FD_FORWARD, VERIFY, VERSION, HELP);

    private final String word;
    private final String summary;

    Commands(String word, String summary) {
        this.word = word;
        this.summary = summary;
    }

    public String word() {
        return word;
    }

    String summary() {
        return summary;
    }

    public Command create() {
        return switch (this) {
            case SUBMIT -> new BringUp(Rise.SUBMIT);
            case LOAD -> new BringUp(Rise.LOAD);
            case START -> new BringUp(Rise.START);
            case STOP -> new BringDown(Goal.STOPPED);
            case UNLOAD -> new BringDown(Goal.UNLOADED);
            case DESTROY -> new Destroy();
            case RESTART -> new Restart();
            case SCALE -> new Scale();
            case SET_PROPERTY -> new SetProperty();
            case SHOW -> new Show();
            case LIST_UNITS -> new ListUnits();
            case LIST_UNIT_FILES -> new ListUnitFiles();
            case LIST_MACHINES -> new ListMachines();
            case LIST_ENDPOINTS -> new ListEndpoints();
            case CORDON -> new Cordon(true);
            case UNCORDON -> new Cordon(false);
            case DRAIN -> new Drain();
            case SET_METADATA -> new SetMetadata(SetMetadata.Change.SET);
            case UNSET_METADATA -> new SetMetadata(SetMetadata.Change.UNSET);
            case RESET_METADATA -> new SetMetadata(SetMetadata.Change.RESET);
            case STATUS -> new Status();
            case CAT -> new Cat();
            case JOURNAL -> new Journal();
            case TOP -> new Top();
            case EXEC -> new Exec();
            case SSH -> new Ssh();
            case CP -> new Cp();
            case EVENTS -> new Events();
            case ANNOUNCE -> new Announce();
            case VALVE -> new Valve();
            case VERIFY -> new Verify();
            case CA -> new Ca();
            case LOCAL -> new Local();
            case IMPORT_FLEET -> new ImportFleet();
            case FD_FORWARD -> new FdForward();
            case COMPLETION -> new Completion();
            case VERSION -> new Version();
            case HELP -> new Help();
        };
    }

    /// The command of this name, or the only one of fleetctl's that begins so, or the only one of all.
    public static Commands named(String word) throws CommandException {
        var candidates = List.of(values()).stream().filter(each -> each.word.startsWith(word)).toList();
        var fleets = candidates.stream().filter(FLEETS::contains).toList();
        var meant = fleets.size() == 1 ? fleets : candidates;
        for (Commands each : candidates) {
            if (each.word.equals(word)) {
                return each;
            }
        }
        if (meant.size() == 1 && !word.isEmpty()) {
            return meant.getFirst();
        }
        var words = List.of(values()).stream().map(Commands::word).toList();
        throw CommandException.usage(
                candidates.isEmpty() || word.isEmpty()
                        ? "unknown command \"" + word + "\"" + Nearest.suggestion(word, words)
                        : "\"" + word + "\" could be any of "
                                + String.join(", ", candidates.stream().map(Commands::word).toList()));
    }
}
