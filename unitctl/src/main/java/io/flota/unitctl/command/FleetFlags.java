package io.flota.unitctl.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Flags that fleetctl's command lines have, so that these work as they are. Those that mean nothing here are named
/// when they are given.
final class FleetFlags {
    /// They may stand before the command's name.
    static final Set<String> GLOBAL_WITH_VALUE = Set.of(
            "--driver", "--etcd-key-prefix", "--etcd-keyfile", "--etcd-certfile", "--etcd-cafile", "--tunnel",
            "--ssh-username", "--ssh-timeout", "--known-hosts-file");

    /// Where fleetctl takes an empty value for none, as scripts give it.
    static final Set<String> EMPTY_BY_DEFAULT = Set.of("--ca-file", "--cert-file", "--key-file", "--tunnel");

    private static final String IDLE = "Means nothing to Flota.";
    private static final String DRIVER = "--driver";
    private static final List<String> TRUE = List.of("true", "t", "1");
    private static final List<String> FALSE = List.of("false", "f", "0");

    private FleetFlags() {}

    /// @param shown whether the help shows those that mean something
    static CommandSpec addGlobal(CommandSpec spec, boolean shown) {
        for (OptionSpec option : ssh()) {
            spec.addOption(option.toBuilder().hidden(!shown).build());
        }
        for (String name : List.of(DRIVER, "--etcd-key-prefix", "--etcd-keyfile", "--etcd-certfile", "--etcd-cafile")) {
            spec.addOption(idleValue(name));
        }
        return spec.addOption(idle("--experimental-api"));
    }

    private static List<OptionSpec> ssh() {
        return List.of(
                Flags.value(
                        "HOST[:PORT]", "Reach schedulers and machines through this host by ssh (UNITCTL_TUNNEL).",
                        "--tunnel"),
                Flags.value("USER", "Of ssh (UNITCTL_SSH_USERNAME; core).", "--ssh-username"),
                Flags.value("TIME", "For a connection of ssh (UNITCTL_SSH_TIMEOUT; 10s).", "--ssh-timeout"),
                Flags.value(
                        "FILE", "Host keys for ssh (UNITCTL_KNOWN_HOSTS_FILE; ~/.fleetctl/known_hosts and ssh's own).",
                        "--known-hosts-file"),
                Flags.optionalWord(
                        "true|false", "true",
                        "false: any host key will do (UNITCTL_STRICT_HOST_KEY_CHECKING; true).",
                        "--strict-host-key-checking"));
    }

    /// A flag that is taken and means nothing.
    static OptionSpec idle(String name) {
        return Flags.flag(IDLE, name).toBuilder().hidden(true).build();
    }

    static OptionSpec idleValue(String name) {
        return Flags.value("VALUE", IDLE, name).toBuilder().hidden(true).build();
    }

    /// Says once which of what was given means nothing here.
    static void tellIdle(CommandSpec spec, Invocation invocation) throws CommandException {
        var idle = new ArrayList<String>();
        for (OptionSpec option : spec.options()) {
            String name = option.longestName();
            boolean isDriver = name.equals(DRIVER) && checkDriver(invocation);
            if (option.description()[0].equals(IDLE) && !isDriver) {
                invocation.source(name).ifPresent(idle::add);
            }
        }
        if (!idle.isEmpty()) {
            invocation.err().println("note: " + String.join(", ", idle)
                    + (idle.size() == 1 ? " means" : " mean") + " nothing to Flota, and nothing is done about "
                    + (idle.size() == 1 ? "it" : "them"));
        }
    }

    /// @return whether it is none, or the one that Flota is like
    private static boolean checkDriver(Invocation invocation) throws CommandException {
        String driver = invocation.given(DRIVER).orElse("API");
        if (driver.equalsIgnoreCase("etcd")) {
            return false;
        }
        if (!driver.equalsIgnoreCase("API")) {
            throw CommandException.failed("Unable to initialize client: unrecognized driver \"" + driver + "\"");
        }
        return true;
    }

    /// fleetctl's ways to write flags: `--full=true`, `--no-legend=false`, `--l` for `-l`.
    static List<String> spelling(CommandSpec spec, List<String> words) {
        var plain = new ArrayList<String>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--")) {
                plain.addAll(words.subList(i, words.size()));
                break;
            }
            if (word.startsWith("--")) {
                addFlag(spec, word, plain);
            } else {
                plain.add(word);
            }
        }
        return plain;
    }

    private static void addFlag(CommandSpec spec, String word, List<String> plain) {
        int sign = word.indexOf('=');
        String name = sign < 0 ? word : word.substring(0, sign);
        if (name.length() == 3 && spec.findOption(name) == null && spec.findOption(name.substring(1)) != null) {
            name = name.substring(1);
        }
        OptionSpec option = spec.findOption(name);
        String value = sign < 0 ? "" : word.substring(sign + 1);
        boolean isSwitch = option != null && sign >= 0 && option.type() == boolean.class;
        if (isSwitch && TRUE.contains(value.toLowerCase(Locale.ROOT))) {
            plain.add(name);
        } else if (!isSwitch || !FALSE.contains(value.toLowerCase(Locale.ROOT))) {
            plain.add(name + (sign < 0 ? "" : word.substring(sign)));
        }
    }

    static boolean truth(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        if (TRUE.contains(word) || FALSE.contains(word)) {
            return TRUE.contains(word);
        }
        throw new IllegalArgumentException("\"" + text + "\" is neither true nor false");
    }
}
