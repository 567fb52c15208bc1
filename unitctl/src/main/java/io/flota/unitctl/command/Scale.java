package io.flota.unitctl.command;

import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Unit;
import io.flota.unit.UnitName;
import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/// Sees to it that so many numbered instances of a template run: as start does it for those that are missing, and as
/// destroy does it for those that are too many.
final class Scale implements Command {
    /// A slip of a finger is not to become a million units.
    private static final int MOST = 10_000;

    @Override
    public CommandSpec spec() {
        return Flags.addBlocking(Flags.command(
                        "scale",
                        "Have so many numbered instances of a template run: web@1, web@2 ...",
                        "The missing ones are started, lowest free numbers first; of too many the highest",
                        "are destroyed. Instances that are no number are left alone."))
                .addPositional(Flags.arguments("TEMPLATE NUMBER", "A template such as web@, and how many."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException {
        var arguments = invocation.arguments();
        if (arguments.size() != 2) {
            throw CommandException.usage("scale takes a template and a number, such as: unitctl scale web@ 5");
        }
        var template = template(arguments.getFirst());
        int wanted = number(arguments.getLast());
        Patience.of(invocation); // a wrong flag is told before anything is done
        var cluster = invocation.cluster();
        var reply = cluster.listUnits(request(template));
        invocation.warnIfStale(reply.getFreshness());
        var registered = reply.getUnitsList().stream().map(Unit::getName).map(UnitName::new).toList();
        var instances = Instances.of(template, wanted, registered);

        var start = new BringUp(Rise.START);
        var plan = start.plan(invocation, wanted(invocation, arguments.getFirst(), instances), reply);
        tellOthers(invocation, instances.others());
        boolean complete = true;
        if (!instances.surplus().isEmpty()) {
            complete = Destroy.destroy(invocation, cluster, units(reply, instances.surplus()));
        }
        if (instances.kept().isEmpty() && instances.surplus().isEmpty()) {
            invocation.out().println("No numbered instance of " + template + " is registered");
        }
        return start.carryOut(invocation, cluster, plan) == 0 && complete ? 0 : CommandException.FAILED;
    }

    private static UnitName template(String argument) throws CommandException {
        var name = new UnitName(Selection.fullName(argument));
        if (!name.isTemplate()) {
            throw CommandException.failed("Unit " + name + " is no template, so that there are no instances of it to"
                    + " count: scale a template, such as " + name.prefix() + "@");
        }
        return name;
    }

    private static int number(String text) throws CommandException {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number <= MOST) {
                return number;
            }
        } catch (NumberFormatException _) {
            // said below, as a negative number is
        }
        throw CommandException.usage("\"" + text + "\" is no number of instances: write one from 0 to " + MOST);
    }

    /// The template, and all its instances.
    private static ListUnitsRequest request(UnitName template) {
        String prefix = template.prefix().replace("\\", "\\\\"); // the only letter of a name that means more in a pattern
        return new Selection(Set.of(template.full()), List.of(prefix + "@*." + template.type())).request();
    }

    /// @param argument the template as it was given, maybe with a path before it
    private static List<RisePlan.Wanted> wanted(Invocation invocation, String argument, Instances instances)
            throws IOException {
        String folder = argument.substring(0, argument.lastIndexOf('/') + 1);
        var wanted = new ArrayList<RisePlan.Wanted>();
        for (UnitName name : instances.kept()) {
            var file = LocalFile.find(invocation.surroundings().directory(), folder + name, name);
            wanted.add(new RisePlan.Wanted(name, file));
        }
        return wanted;
    }

    private static List<Unit> units(ListUnitsReply reply, List<UnitName> names) {
        return reply.getUnitsList().stream()
                .filter(unit -> names.contains(new UnitName(unit.getName())))
                .toList();
    }

    private static void tellOthers(Invocation invocation, List<UnitName> others) {
        if (!others.isEmpty()) {
            invocation.err().println((others.size() == 1
                            ? "1 instance that is no number does not count and is left alone: "
                            : others.size() + " instances that are no numbers do not count and are left alone: ")
                    + others.stream().map(UnitName::full).collect(Collectors.joining(", ")));
        }
    }
}
