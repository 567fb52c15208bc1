package io.flota.unit;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.flota.unit.RenderRules.OnRender;
import io.flota.unit.RenderRules.RenderedFile;
import io.flota.unit.RenderRules.Template;
import io.flota.unit.UnitFile.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Reads what a unit file says about files that are rendered.
final class RenderRulesParser {
    private record Note(int line, String text) {}

    private static final String OURS = "X-Flota";
    private static final String TEMPLATE = "X-Flota-Template ";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]*");
    /// Stands in a check for the new version of a file.
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{file(\\d*)}");
    private static final String SIGNAL = "signal:";
    /// Those that servers take for a request of an operator.
    private static final ImmutableSet<String> SIGNALS =
            ImmutableSet.of("HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "ALRM", "WINCH", "CONT");

    private final String source;
    private final Specifiers.Context context;
    private final UnitFile file;
    private final List<Note> problems = new ArrayList<>();

    RenderRulesParser(String source, Specifiers.Context context, UnitFile file) {
        this.source = source;
        this.context = context;
        this.file = file;
    }

    RenderRules parse() throws UnitFileException {
        var templates = templates();
        var files = files(templates);
        var onRender = last("OnRender", this::onRender).orElse(new OnRender.Reload());
        var check = last("RenderCheck", RenderRulesParser::command);
        var socket = last("RenderSocket", RenderRulesParser::path);
        contradictions(files, onRender, check);
        if (!problems.isEmpty()) {
            throw new UnitFileException(problems.stream()
                    .sorted(Comparator.comparingInt(Note::line))
                    .map(note -> source + ":" + note.line() + ": " + note.text())
                    .collect(ImmutableList.toImmutableList()));
        }
        return files.isEmpty() ? RenderRules.NONE : new RenderRules(files, onRender, check, socket);
    }

    private void problem(Setting setting, String what) {
        problems.add(new Note(setting.line(), setting.key() + "=" + what + "."));
    }

    private String expanded(Setting setting) {
        return Specifiers.expand(context, setting.value());
    }

    /// By name, in the order of names.
    private TreeMap<String, Template.InUnit> templates() {
        var lines = new TreeMap<String, List<Setting>>();
        for (var setting : file.settings()) {
            if (!setting.section().startsWith(TEMPLATE)) {
                continue;
            }
            var template = setting.section().substring(TEMPLATE.length());
            if (!setting.key().equals("Line")) {
                problem(setting, " has no meaning in [" + setting.section() + "]. Write each line of the template as Line=");
            } else if (!NAME.matcher(template).matches()) {
                problem(setting, " is in the section of a template whose name is none: " + Excerpt.of(template)
                        + ". Write it of letters, digits, \".\", \"_\", \"@\" and \"-\"");
            } else {
                lines.computeIfAbsent(template, _ -> new ArrayList<>()).add(setting);
            }
        }
        var templates = new TreeMap<String, Template.InUnit>();
        lines.forEach((template, settings) -> templates.put(template, new Template.InUnit(
                template,
                settings.stream().map(RenderRulesParser::line).collect(ImmutableList.toImmutableList()),
                settings.stream().map(Setting::line).collect(ImmutableList.toImmutableList()))));
        return templates;
    }

    /// Blanks in front are the unit file's, unless a bar keeps them.
    private static String line(Setting setting) {
        return setting.value().startsWith("|") ? setting.value().substring(1) : setting.value();
    }

    private ImmutableList<RenderedFile> files(TreeMap<String, Template.InUnit> templates) {
        var files = ImmutableList.<RenderedFile>builder();
        var destinations = new TreeSet<String>();
        var unused = new TreeSet<>(templates.keySet());
        for (var setting : file.all(OURS, "Render")) {
            try {
                var rendered = file(expanded(setting), templates);
                files.add(rendered);
                if (rendered.template() instanceof Template.InUnit(var template, _, _)) {
                    unused.remove(template);
                }
                if (!destinations.add(rendered.destination())) {
                    problem(setting, Excerpt.of(setting.value()) + " renders a file that another line renders already."
                            + " Remove one of them");
                }
            } catch (IllegalArgumentException wrong) {
                problem(setting, wrong.getMessage());
            }
        }
        unused.forEach(template -> problems.add(new Note(
                templates.get(template).lineNumbers().getFirst(),
                "[" + TEMPLATE + template + "] is rendered nowhere. Add Render=" + template
                        + ":/path, or remove the section.")));
        return files.build();
    }

    private static RenderedFile file(String value, TreeMap<String, Template.InUnit> templates) {
        int colon = value.indexOf(':');
        if (colon < 1 || colon == value.length() - 1) {
            throw new IllegalArgumentException(Excerpt.of(value) + " is not TEMPLATE:DESTINATION. Write it as"
                    + " /etc/flota/web.conf.tmpl:/etc/nginx/web.conf");
        }
        var template = value.substring(0, colon);
        var destination = path(value.substring(colon + 1));
        if (template.startsWith("/")) {
            return new RenderedFile(new Template.OnMachine(path(template)), destination);
        }
        if (!templates.containsKey(template)) {
            throw new IllegalArgumentException(Excerpt.of(template) + " is neither an absolute path nor a template of"
                    + " this file. Write the path, or add the section [" + TEMPLATE + template + "] with a Line= for"
                    + " each line");
        }
        return new RenderedFile(templates.get(template), destination);
    }

    private static String path(String path) {
        if (!path.startsWith("/") || path.endsWith("/") || path.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    Excerpt.of(path) + " is no absolute path of a file. Begin it with \"/\", and end it with a name");
        }
        return path;
    }

    private <T> Optional<T> last(String key, Function<String, T> reader) {
        Optional<T> last = Optional.empty();
        for (var setting : file.all(OURS, key)) {
            try {
                last = Optional.of(reader.apply(expanded(setting)));
            } catch (IllegalArgumentException wrong) {
                problem(setting, wrong.getMessage());
            }
        }
        return last;
    }

    private OnRender onRender(String text) {
        return switch (text) {
            case "reload" -> new OnRender.Reload();
            case "restart" -> new OnRender.Restart();
            case "none" -> new OnRender.Nothing();
            default -> {
                var signal = text.startsWith(SIGNAL) ? Ascii.toUpperCase(text.substring(SIGNAL.length())) : "";
                var bare = signal.startsWith("SIG") ? signal.substring("SIG".length()) : signal;
                if (!SIGNALS.contains(bare)) {
                    throw new IllegalArgumentException(Excerpt.of(text) + " is not one of reload, restart, none and"
                            + " signal:NAME, where the name is one of " + String.join(", ", SIGNALS));
                }
                yield new OnRender.Signal(bare);
            }
        };
    }

    private static CommandLine command(String text) {
        var commands = CommandLine.parse(text);
        if (commands.size() != 1) {
            throw new IllegalArgumentException(Excerpt.of(text) + " is not one command. Write a script for several");
        }
        return commands.getFirst();
    }

    private void contradictions(ImmutableList<RenderedFile> files, OnRender onRender, Optional<CommandLine> check) {
        if (file.all(OURS, "Render").isEmpty()) {
            for (var key : ImmutableList.of("OnRender", "RenderCheck", "RenderSocket")) {
                file.all(OURS, key).forEach(setting ->
                        problem(setting, " has no meaning without Render=. Add that, or remove the line"));
            }
            return;
        }
        var first = file.all(OURS, "Render").getFirst();
        boolean reloads = onRender instanceof OnRender.Reload;
        if (reloads && !file.all("Container", "Image").isEmpty()) {
            problem(first, " would have a container reloaded, which has no such command. Add OnRender=signal:HUP,"
                    + " restart or none");
        } else if (reloads && context.name().type().equals("service") && file.all("Service", "ExecReload").isEmpty()
                && !file.last("Service", "Type").equals(Optional.of("notify-reload"))) {
            problem(first, " would have a unit reloaded that does not say how. Add ExecReload= to [Service], or"
                    + " OnRender=restart, signal:HUP or none");
        }
        if (onRender instanceof OnRender.Nothing) {
            file.all(OURS, "RenderSocket").forEach(setting -> problem(setting, " has no meaning with OnRender=none, as"
                    + " HAProxy takes not all changes by its socket. Write OnRender=reload"));
        }
        check.ifPresent(command -> placeholders(command, files.size()));
    }

    private void placeholders(CommandLine check, int files) {
        boolean any = false;
        for (var argument : check.arguments()) {
            for (var found = PLACEHOLDER.matcher(argument); found.find();) {
                any = true;
                var number = found.group(1);
                if (!number.isEmpty() && (number.length() > 3 || number(number) < 1 || number(number) > files)) {
                    problem(file.all(OURS, "RenderCheck").getLast(), found.group() + " stands for no file: there are "
                            + files + " Render= lines. Write {file} for the first, {file2} for the second");
                }
            }
        }
        if (!any) {
            problem(file.all(OURS, "RenderCheck").getLast(), " does not name the new file, which it is to check. Write"
                    + " {file} where its path belongs, as in /usr/sbin/nginx -t -c {file}");
        }
    }

    private static int number(String digits) {
        return Integer.parseInt(digits);
    }
}
