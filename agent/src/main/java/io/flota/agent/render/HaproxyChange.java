package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import io.flota.agent.render.HaproxyConfig.Server;
import java.util.Optional;
import java.util.regex.Pattern;

/// What turns a running HAProxy from one configuration into another without a reload.
final class HaproxyChange {
    /// @param text one line
    /// @param answer what HAProxy says if it has done it
    record Command(String text, Pattern answer) {}

    private static final Pattern ADDRESS_SET =
            Pattern.compile("(IP changed from|no need to change the addr)[^\n]*port[^\n]*");
    private static final Pattern NOTHING = Pattern.compile("");

    private HaproxyChange() {}

    /// Empty if only a reload does it: when anything else than addresses, ports, weights and `disabled` of servers
    /// differs. No commands at all if what differs means nothing.
    static Optional<ImmutableList<Command>> between(String before, String after) {
        var old = HaproxyConfig.parse(before);
        var fresh = HaproxyConfig.parse(after);
        if (!old.rest().equals(fresh.rest()) || !old.servers().keySet().equals(fresh.servers().keySet())) {
            return Optional.empty();
        }
        var commands = ImmutableList.<Command>builder();
        for (var server : fresh.servers().entrySet()) {
            var from = old.servers().get(server.getKey());
            if (from.weight().isPresent() != server.getValue().weight().isPresent()) {
                return Optional.empty(); // which weight it has by itself is written elsewhere
            }
            commands.addAll(commands(server.getKey(), from, server.getValue()));
        }
        return Optional.of(commands.build());
    }

    /// A server that goes has to be gone before its address is another one, and one that comes has it before.
    private static ImmutableList<Command> commands(String name, Server from, Server to) {
        var commands = ImmutableList.<Command>builder();
        var set = "set server " + name + " ";
        if (!from.disabled() && to.disabled()) {
            commands.add(new Command(set + "state maint", NOTHING));
        }
        if (!from.address().equals(to.address()) || !from.port().equals(to.port())) {
            commands.add(new Command(set + "addr " + to.address() + " port " + to.port(), ADDRESS_SET));
        }
        if (!from.weight().equals(to.weight())) {
            commands.add(new Command(set + "weight " + to.weight().orElseThrow(), NOTHING));
        }
        if (from.disabled() && !to.disabled()) {
            commands.add(new Command(set + "state ready", NOTHING));
        }
        return commands.build();
    }
}
