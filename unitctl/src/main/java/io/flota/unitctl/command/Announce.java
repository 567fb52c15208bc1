package io.flota.unitctl.command;

import io.flota.unitctl.client.LocalAgent;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// For sidecars: has this machine's agent hold an endpoint.
final class Announce implements Command {
    private static final String DEFAULT_SOCKET = "/run/flota/agent.sock";

    @Override
    public CommandSpec spec() {
        return Flags.command(
                        "announce",
                        "Have the agent of this machine announce where a unit can be reached.",
                        "It holds the endpoint until the time is over, unless it is asked again by then, or until",
                        "the unit is down. A unit whose file has Announce= needs none of this.")
                .addOption(Flags.number("PORT", "Where the unit listens.", "--port"))
                .addOption(Flags.value("TIME", "For how long, such as 90s (60s).", "--ttl"))
                .addOption(Flags.flag("Announce it no longer.", "--withdraw"))
                .addOption(Flags.value(
                        "FILE", "The agent's socket (FLOTA_AGENT_SOCKET; " + DEFAULT_SOCKET + ").", "--socket"))
                .addPositional(Flags.arguments(
                        "SERVICE UNIT [NAME=VALUE...]", "What it is for, the unit, and attributes, such as weight=10."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, IOException {
        var arguments = invocation.arguments();
        if (arguments.size() < 2) {
            throw CommandException.usage("unitctl announce takes a service and a unit");
        }
        boolean withdraws = invocation.has("--withdraw");
        var target = new StringBuilder("/v1/endpoints/" + encoded(arguments.get(0)) + "/" + encoded(arguments.get(1)));
        if (!withdraws) {
            int port = invocation.number("--port").orElseThrow(() -> CommandException.usage(
                    "unitctl announce takes the port where the unit listens: --port 8080"));
            target.append("?port=").append(port);
            invocation.value("--ttl").ifPresent(ttl -> target.append("&ttl=").append(encoded(ttl)));
            for (var attribute : attributes(arguments.subList(2, arguments.size()))) {
                target.append('&').append(attribute);
            }
        } else if (arguments.size() > 2) {
            throw CommandException.usage("unitctl announce --withdraw takes a service and a unit, and no attributes");
        }
        var answer = new LocalAgent(socket(invocation)).ask(withdraws ? "DELETE" : "PUT", target.toString());
        if (!answer.isDone()) {
            throw CommandException.failed(answer.text());
        }
        return 0;
    }

    private static List<String> attributes(List<String> words) throws CommandException {
        for (var word : words) {
            if (word.indexOf('=') < 1) {
                throw CommandException.usage("\"" + word + "\" is not NAME=VALUE");
            }
        }
        return words.stream()
                .map(word -> encoded(word.substring(0, word.indexOf('=')))
                        + "=" + encoded(word.substring(word.indexOf('=') + 1)))
                .toList();
    }

    private static Path socket(Invocation invocation) {
        var surroundings = invocation.surroundings();
        var path = invocation.value("--socket")
                .orElse(surroundings.environment().getOrDefault("FLOTA_AGENT_SOCKET", DEFAULT_SOCKET));
        return surroundings.directory().resolve(path);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
