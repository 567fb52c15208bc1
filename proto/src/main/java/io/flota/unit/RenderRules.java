package io.flota.unit;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/// The files that the agent renders for a unit: `Render=` and what goes with it in `[X-Flota]`, specifiers expanded.
///
/// @param files all of them; they are checked and replaced together
/// @param onRender what becomes of the unit when one of them has changed
/// @param check a command that has to succeed before they are replaced
/// @param socket of an HAProxy that takes servers' addresses, weights and states while it runs
public record RenderRules(
        ImmutableList<RenderedFile> files, OnRender onRender, Optional<CommandLine> check, Optional<String> socket) {
    /// Of a unit that has no such files.
    public static final RenderRules NONE =
            new RenderRules(ImmutableList.of(), new OnRender.Nothing(), Optional.empty(), Optional.empty());

    /// @param destination absolute path
    public record RenderedFile(Template template, String destination) {}

    /// Where a template's text comes from.
    public sealed interface Template {
        /// @param path absolute, on the machine
        record OnMachine(String path) implements Template {}

        /// From the section `[X-Flota-Template NAME]` of the unit file.
        ///
        /// @param lineNumbers of the unit file, one for each line
        record InUnit(String name, ImmutableList<String> lines, ImmutableList<Integer> lineNumbers)
                implements Template {}
    }

    public sealed interface OnRender {
        record Reload() implements OnRender {}

        record Restart() implements OnRender {}

        /// @param name without `SIG`
        record Signal(String name) implements OnRender {}

        record Nothing() implements OnRender {}
    }

    /// Reads those of a unit. Of a template it reads them as an instance named `instance` would have them.
    ///
    /// @throws UnitFileException with every problem, at its line
    public static RenderRules of(String source, UnitName name, UnitFile file) throws UnitFileException {
        return of(source, Specifiers.Context.somewhere(name.isTemplate() ? UnitName.standIn(name) : name), file);
    }

    /// Reads those of a unit on a machine.
    ///
    /// @throws UnitFileException with every problem, at its line
    public static RenderRules of(String source, Specifiers.Context context, UnitFile file) throws UnitFileException {
        return new RenderRulesParser(source, context, file).parse();
    }

    public boolean isEmpty() {
        return files.isEmpty();
    }
}
