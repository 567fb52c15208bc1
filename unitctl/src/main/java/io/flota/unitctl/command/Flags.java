package io.flota.unitctl.command;

import com.google.common.collect.Sets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// Declares flags in plain calls. Annotations would say the same, but reading them by reflection costs a tenth of a
/// second, in each call of each command.
final class Flags {
    /// Flags that take a value and are so common that they may stand before the command's name.
    static final Set<String> GLOBAL_WITH_VALUE = Sets.union(
            Set.of(
                    "--endpoint", "--request-timeout", "--ca-file", "--cert-file", "--key-file", "--config", "-o",
                    "--output"),
            FleetFlags.GLOBAL_WITH_VALUE);

    /// What the settings file may say, too.
    static final List<String> SETTINGS = List.of("endpoint", "request-timeout", "ca-file", "cert-file", "key-file");

    private Flags() {}

    static CommandSpec command(String name, String... description) {
        var spec = CommandSpec.create().name("unitctl " + name);
        spec.usageMessage().description(description).abbreviateSynopsis(true).sortOptions(false);
        return spec;
    }

    static OptionSpec flag(String description, String... names) {
        return named(names).type(boolean.class).arity("0").description(description).build();
    }

    static OptionSpec value(String label, String description, String... names) {
        return named(names).type(String.class).arity("1").paramLabel(label).description(description).build();
    }

    /// May be given several times.
    static OptionSpec values(String label, String description, String... names) {
        return named(names)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    static OptionSpec number(String label, String description, String... names) {
        return named(names).type(Integer.class).arity("1").paramLabel(label).description(description).build();
    }

    /// A number that may be left out; what follows behind a blank is no value of it.
    static OptionSpec optionalNumber(String label, String ifLeftOut, String description, String... names) {
        return optional(Integer.class, label, ifLeftOut, description, names);
    }

    /// A word of which the same holds.
    static OptionSpec optionalWord(String label, String ifLeftOut, String description, String... names) {
        return optional(String.class, label, ifLeftOut, description, names);
    }

    private static OptionSpec optional(
            Class<?> type, String label, String ifLeftOut, String description, String... names) {
        return named(names)
                .type(type)
                .arity("0..1")
                .paramLabel(label)
                .description(description)
                .preprocessor((words, _, _, info) -> {
                    if (!"=".equals(info.get("separator"))) {
                        words.push(ifLeftOut);
                    }
                    return false;
                })
                .build();
    }

    private static OptionSpec.Builder named(String... names) {
        return OptionSpec.builder(names[0], Arrays.copyOfRange(names, 1, names.length));
    }

    static PositionalParamSpec arguments(String label, String description) {
        return PositionalParamSpec.builder()
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("0..*")
                .paramLabel(label)
                .description(description)
                .build();
    }

    static CommandSpec addBlocking(CommandSpec spec) {
        return spec.addOption(flag("Do not wait for the units.", "--no-block"))
                .addOption(number("N", "Wait for N times 2 seconds at most; 0: for ever.", "--block-attempts"));
    }

    static CommandSpec addOutput(CommandSpec spec) {
        return spec.addOption(value("FORM", "table, wide, json or yaml.", "-o", "--output"));
    }

    static CommandSpec addGlobal(CommandSpec spec) {
        return addGlobal(spec, false);
    }

    /// @param all whether the help shows those, too, that few need
    static CommandSpec addGlobal(CommandSpec spec, boolean all) {
        if (spec.findOption("--endpoint") == null) {
            spec.addOption(value(
                    "HOST:PORT[,...]",
                    "Schedulers to ask, one after the other (UNITCTL_ENDPOINT; 127.0.0.1:4470).",
                    "--endpoint"));
        }
        spec.addOption(value(
                        "TIME", "For a connection and an answer, such as 3s (UNITCTL_REQUEST_TIMEOUT; 10s).",
                        "--request-timeout"))
                .addOption(value("FILE", "CA of the scheduler's certificate (UNITCTL_CA_FILE).", "--ca-file"))
                .addOption(value("FILE", "This client's certificate (UNITCTL_CERT_FILE).", "--cert-file"))
                .addOption(value("FILE", "Its key, PKCS#8 (UNITCTL_KEY_FILE).", "--key-file"))
                .addOption(value(
                        "FILE", "Settings, instead of /etc/flota/unitctl.toml (UNITCTL_CONFIG).", "--config"))
                .addOption(flag("Show where an error comes from (UNITCTL_DEBUG).", "--debug"));
        return FleetFlags.addGlobal(spec, all).addOption(flag("Show this help.", "-h", "--help"));
    }
}
