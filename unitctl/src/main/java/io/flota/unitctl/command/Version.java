package io.flota.unitctl.command;

import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import picocli.CommandLine.Model.CommandSpec;

/// Which unitctl this is, and on request which scheduler answers it.
final class Version implements Command {
    @Override
    public CommandSpec spec() {
        return Flags.addOutput(Flags.command("version", "Show which version this is.")
                .addOption(Flags.flag("Ask a scheduler for its version, too.", "--scheduler")));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException {
        var value = new LinkedHashMap<String, Object>();
        value.put("unitctl", own());
        if (invocation.has("--scheduler")) {
            var about = invocation.cluster().about();
            invocation.warnIfStale(about.getFreshness());
            value.put("scheduler", about.getVersion());
            value.put("schedulerId", about.getSchedulerId());
            value.put("leader", about.getLeader().getSchedulerId());
        }
        Output output = invocation.output();
        if (output.isTree()) {
            invocation.out().print(output.render(value));
            return 0;
        }
        invocation.out().println("unitctl version " + own());
        if (value.containsKey("scheduler")) {
            String leader = value.get("leader").equals("") ? "none leads" : "the leader is " + value.get("leader");
            invocation
                    .out()
                    .println("scheduler " + value.get("schedulerId") + " version " + value.get("scheduler") + "; "
                            + leader);
        }
        return 0;
    }

    /// As the build wrote it beside this class.
    static String own() throws IOException {
        try (var in = Version.class.getResourceAsStream("version")) {
            if (in == null) {
                throw new IOException("this build of unitctl lacks its file \"version\"; build it anew");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).trim();
        }
    }
}
