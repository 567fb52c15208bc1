package io.flota.unitctl.command;

import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitIntent;
import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/// Limits of units that change while they run.
final class SetProperty implements Command {
    @Override
    public CommandSpec spec() {
        return Flags.command(
                        "set-property",
                        "Set resource limits over those of a unit's file, at once and without a restart.",
                        "They hold wherever the unit is, until PROPERTY= takes them away again.",
                        "Properties: MemoryMax, MemoryHigh, CPUQuota, CPUWeight, IOWeight, TasksMax.")
                .addPositional(Flags.arguments(
                        "UNIT PROPERTY=VALUE", "A name or a quoted pattern, and PROPERTY=VALUE once or more."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var arguments = invocation.arguments();
        if (arguments.size() < 2) {
            throw CommandException.usage("unitctl set-property takes a unit and PROPERTY=VALUE once or more");
        }
        var properties = properties(arguments.subList(1, arguments.size()));
        var selection = Selection.of(List.of(arguments.getFirst()));
        var cluster = invocation.cluster();
        var reply = cluster.listUnits(selection.request());
        invocation.warnIfStale(reply.getFreshness());
        var missing = selection.missing(reply);
        if (!missing.isEmpty()) {
            missing.forEach(invocation.err()::println);
            return CommandException.FAILED;
        }
        var request = ApplyRequest.newBuilder();
        for (Unit unit : reply.getUnitsList()) {
            request.addUnits(UnitIntent.newBuilder().setName(unit.getName()).putAllSetProperties(properties));
        }
        var _ = cluster.apply(request.build());
        for (Unit unit : reply.getUnitsList()) {
            invocation.out().println("Unit " + unit.getName() + " properties set: "
                    + String.join(" ", arguments.subList(1, arguments.size())));
        }
        return 0;
    }

    private static Map<String, String> properties(List<String> words) throws CommandException {
        var properties = new LinkedHashMap<String, String>();
        for (String word : words) {
            int sign = word.indexOf('=');
            if (sign <= 0) {
                throw CommandException.usage("\"" + word + "\" is not PROPERTY=VALUE");
            }
            if (properties.put(word.substring(0, sign), word.substring(sign + 1)) != null) {
                throw CommandException.usage("property " + word.substring(0, sign) + " is given twice");
            }
        }
        return properties;
    }
}
