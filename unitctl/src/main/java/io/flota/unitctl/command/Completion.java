package io.flota.unitctl.command;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Teaches a shell unitctl's commands and flags, and the names of the units that are registered at the moment.
final class Completion implements Command {
    private static final String FUNCTION = """
            _unitctl() {
                local word=${COMP_WORDS[COMP_CWORD]} command= i
                for ((i = 1; i < COMP_CWORD; i++)); do
                    case ${COMP_WORDS[i]} in
                        @VALUES@) ((i++)) ;;
                        -*) ;;
                        *) command=${COMP_WORDS[i]}; break ;;
                    esac
                done
                case $command in
                    "") COMPREPLY=($(compgen -W "@COMMANDS@" -- "$word")); return ;;
            @FLAGS@    esac
                case $word in
                    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")); return ;;
                esac
                case $command in
                    cp) COMPREPLY=($(compgen -f -W "$(_unitctl_units | sed 's/$/:/')" -- "$word")) ;;
                    submit | verify) COMPREPLY=($(compgen -f -- "$word")) ;;
                    load | start) COMPREPLY=($(compgen -f -W "$(_unitctl_units)" -- "$word")) ;;
                    stop | unload | destroy | restart | status | cat | journal | top | exec | events | list-units | list-unit-files)
                        COMPREPLY=($(compgen -W "$(_unitctl_units)" -- "$word")) ;;
                    list-endpoints) COMPREPLY=($(compgen -W "$(_unitctl_services)" -- "$word")) ;;
                    scale) COMPREPLY=($(compgen -f -W "$(_unitctl_units | sed -n 's/@.*/@/p' | sort -u)" -- "$word")) ;;
                    cordon | uncordon | drain | set-metadata | unset-metadata | reset-metadata)
                        COMPREPLY=($(compgen -W "$(_unitctl_machines)" -- "$word")) ;;
                    help) COMPREPLY=($(compgen -W "@COMMANDS@" -- "$word")) ;;
                    ca) COMPREPLY=($(compgen -W "init issue" -- "$word")) ;;
                    completion) COMPREPLY=($(compgen -W "bash zsh" -- "$word")) ;;
                    local) COMPREPLY=($(compgen -W "up down status kill pause resume restart" -- "$word")) ;;
                esac
            }

            _unitctl_machines() {
                unitctl list-machines --full --no-legend --fields machine --request-timeout 1s 2>/dev/null
            }

            _unitctl_services() {
                unitctl list-endpoints --no-legend --fields service --request-timeout 1s 2>/dev/null | sort -u
            }

            _unitctl_units() {
                unitctl list-unit-files --no-legend --fields unit --request-timeout 1s 2>/dev/null
            }

            """;

    @Override
    public CommandSpec spec() {
        return Flags.command("completion", "Print a script for the shell: source <(unitctl completion bash).")
                .addPositional(Flags.arguments("SHELL", "bash or zsh."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException {
        String shell = invocation.arguments().size() == 1 ? invocation.arguments().getFirst() : "";
        String script =
                switch (shell) {
                    case "bash" -> function() + "complete -o default -F _unitctl unitctl\n";
                    case "zsh" ->
                        "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n"
                                + function() + "complete -o default -F _unitctl unitctl\n";
                    default -> throw CommandException.usage("Which shell? There are bash and zsh");
                };
        invocation.out().print(script);
        return 0;
    }

    private static String function() {
        String commands = Stream.of(Commands.values()).map(Commands::word).collect(Collectors.joining(" "));
        var flags = new StringBuilder();
        for (Commands command : Commands.values()) {
            if (command != Commands.LOCAL) {
                flags.append("        ").append(command.word()).append(") local flags=\"");
                flags.append(String.join(" ", names(command.create().spec()))).append("\" ;;\n");
            }
        }
        return FUNCTION.replace("@COMMANDS@", commands)
                .replace("@VALUES@", Flags.GLOBAL_WITH_VALUE.stream().sorted().collect(Collectors.joining(" | ")))
                .replace("@FLAGS@", flags);
    }

    private static List<String> names(CommandSpec spec) {
        return Flags.addGlobal(spec).options().stream().map(OptionSpec::longestName).toList();
    }
}
