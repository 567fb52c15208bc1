package io.flota.agent.runtime.systemd;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flota.agent.AgentMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A user of a node who is not root, and a node that has polkit.
record PlainUser(BootedNode node, String id) {
    /// As in the rule of the README.
    private static final String NAME = "flota-agent";

    private static final String FOLDER = "/run/flota";
    private static final String POLKIT = "/usr/lib/polkit-1/polkitd";

    static PlainUser on(BootedNode node) throws Exception {
        sh(node, "export DEBIAN_FRONTEND=noninteractive; apt='apt-get -qq -o Acquire::http::Timeout=10 -o Acquire::Retries=0';"
                + " [ -x " + POLKIT + " ] || { $apt update && $apt install -y --no-install-recommends polkitd; }");
        assumeTrue(sh(node, "ls " + POLKIT).strip().equals(POLKIT), "polkitd is not in the tree, nor can be installed");
        sh(node, "id " + NAME + " || useradd --groups systemd-journal " + NAME);
        sh(node, "install -d -o " + NAME + " " + FOLDER);
        sh(node, "chmod a+x " + System.getProperty("user.home")); // the class path may lead through it
        return new PlainUser(node, sh(node, "id -u " + NAME).strip());
    }

    private static String sh(BootedNode node, String command) throws Exception {
        return node.run("sh", "-c", command);
    }

    /// Has polkit keep to the rule that the README gives to operators, but for one unit.
    void allow() throws Exception {
        var readme = Files.readString(Path.of("README.md"));
        var rule = readme.substring(readme.indexOf("```js\n") + 6);
        write("/etc/polkit-1/rules.d/50-flota.rules", rule.substring(0, rule.indexOf("```")));
        write("/etc/polkit-1/rules.d/40-denied.rules", """
                polkit.addRule(function (action, subject) {
                    if (action.lookup("unit") == "denied.service") { return polkit.Result.NO; }
                });
                """);
        sh(node, "systemctl restart polkit");
    }

    private void write(String file, String text) throws Exception {
        node.run("sh", "-c", "printf %s \"$1\" >\"$2\" && chmod a+r \"$2\"", "sh", text, file);
    }

    void startSystemd() throws Exception {
        sh(node, "systemctl unmask systemd-logind && systemctl start systemd-logind && loginctl enable-linger " + NAME + " && systemctl start user@" + id);
    }

    /// What the agent says that is not of its log.
    String agent() throws Exception {
        return java(Map.of(), AgentMain.class, "--config=/dev/null", "--state-dir=" + FOLDER, "--runtime=systemd")
                .lines()
                .filter(line -> line.startsWith("flota-agent: "))
                .map(line -> line + "\n")
                .reduce("", String::concat);
    }

    /// What tests say that this user runs.
    String run(String bus, Class<?>... tests) throws Exception {
        return java(
                Map.of(OnSystemd.BUS, bus, OnSystemd.FOLDER, FOLDER, "XDG_RUNTIME_DIR", "/run/user/" + id),
                RunInside.class, Arrays.stream(tests).map(Class::getName).toArray(String[]::new));
    }

    private String java(Map<String, String> environment, Class<?> main, String... arguments) throws Exception {
        return node.java(
                environment, List.of("setpriv", "--reuid=" + NAME, "--regid=" + NAME, "--init-groups"), main, arguments);
    }
}
