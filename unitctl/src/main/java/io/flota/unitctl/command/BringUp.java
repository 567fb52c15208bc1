package io.flota.unitctl.command;

import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Unit;
import io.flota.unit.UnitName;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/// submit, load and start: registers what is not registered, from files and templates found here, and asks for a state.
final class BringUp implements Command {
    private final Rise rise;

    BringUp(Rise rise) {
        this.rise = rise;
    }

    @Override
    public CommandSpec spec() {
        String[] description =
                switch (rise) {
                    case SUBMIT -> new String[] {"Register units from files, without running them."};
                    case LOAD -> new String[] {"Register units if need be, and put them on machines without a start."};
                    case START -> new String[] {
                        "Register units if need be, start them, and wait until they are active.",
                        "A unit that fits nowhere says why. It stays wanted, and starts once a machine fits; on a"
                                + " terminal, or with --block-attempts, that is waited for."
                    };
                };
        var spec = Flags.command(rise.word(), description)
                .addOption(Flags.flag("Take the local file where it differs from the registered one.", "--replace"))
                .addOption(FleetFlags.idle("--sign"));
        return Flags.addBlocking(spec)
                .addPositional(Flags.arguments("UNIT", "Unit files, names, or quoted patterns over registered units."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException {
        var arguments = invocation.units();
        Patience.of(invocation); // a wrong flag is told before anything is done
        var cluster = invocation.cluster();
        var reply = cluster.listUnits(request(arguments));
        invocation.warnIfStale(reply.getFreshness());
        var plan = plan(invocation, wanted(invocation, arguments, reply), reply);
        return carryOut(invocation, cluster, plan);
    }

    /// What is to be asked of the cluster. Tells what is to be known of it.
    ///
    /// @param reply has the units and their templates as far as they are registered
    RisePlan plan(Invocation invocation, List<RisePlan.Wanted> wanted, ListUnitsReply reply) throws CommandException {
        var registered = new LinkedHashMap<String, Unit>();
        reply.getUnitsList().forEach(unit -> registered.put(unit.getName(), unit));
        var plan = RisePlan.of(rise, invocation.has("--replace"), wanted, registered);
        plan.warnings().forEach(invocation.err()::println);
        if (!plan.problems().isEmpty()) {
            throw CommandException.failed(String.join("\n", plan.problems()));
        }
        plan.notes().forEach(invocation.out()::println);
        return plan;
    }

    /// @return the exit status
    int carryOut(Invocation invocation, ClusterClient cluster, RisePlan plan)
            throws CommandException, ClusterException, InterruptedException {
        long revision = plan.request().getUnitsCount() == 0 ? 0 : cluster.apply(plan.request()).getRevision();
        if (rise == Rise.SUBMIT) {
            plan.changed().forEach(name -> invocation.out().println("Unit " + name + " inactive"));
            return 0;
        }
        if (invocation.has("--no-block")) {
            plan.wanted().forEach(unit -> invocation.out().println(
                    (plan.isGlobal(unit) ? "Triggered global unit " : "Triggered unit ") + unit + " " + rise.word()));
            return 0;
        }
        plan.wanted().stream()
                .filter(plan::isGlobal)
                .forEach(unit -> invocation.out().println("Triggered global unit " + unit + " " + rise.word()));
        var names = plan.wanted().stream().map(UnitName::full).toList();
        return Launch.await(invocation, cluster, rise == Rise.LOAD ? Goal.LOADED : Goal.LAUNCHED, names, revision)
                ? 0
                : CommandException.FAILED;
    }

    /// The units that are asked for, and the templates from which they may be made.
    private static ListUnitsRequest request(List<String> arguments) throws CommandException {
        var selection = Selection.of(arguments);
        Set<String> names = new LinkedHashSet<>(selection.names());
        for (String name : selection.names()) {
            new UnitName(name).template().map(UnitName::full).ifPresent(names::add);
        }
        return new Selection(names, selection.patterns()).request();
    }

    /// In the order of the arguments; a pattern stands for the registered units that match it, but for templates.
    private static List<RisePlan.Wanted> wanted(Invocation invocation, List<String> arguments, ListUnitsReply reply)
            throws CommandException, IOException {
        Map<String, RisePlan.Wanted> wanted = new LinkedHashMap<>();
        for (String argument : arguments) {
            for (String path : Selection.isPattern(argument) ? matches(argument, reply) : List.of(argument)) {
                var name = new UnitName(Selection.fullName(path));
                var file = LocalFile.find(invocation.surroundings().directory(), path, name);
                wanted.putIfAbsent(name.full(), new RisePlan.Wanted(name, file));
            }
        }
        return List.copyOf(wanted.values());
    }

    private static List<String> matches(String pattern, ListUnitsReply reply) throws CommandException {
        var selection = Selection.of(List.of(pattern));
        var matches = new ArrayList<>(selection.matching(reply).stream().map(Unit::getName).toList());
        matches.removeIf(name -> new UnitName(name).isTemplate());
        if (matches.isEmpty()) {
            throw CommandException.failed("No registered unit matches \"" + pattern + "\"");
        }
        return matches;
    }
}
