package io.flota.simulation;

import com.google.common.collect.ImmutableList;
import com.google.common.io.MoreFiles;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/// A guarantee broken on purpose: a patch of product code, with words about it above its first file.
///
/// @param breaks the guarantee, as `breaks:` in the patch's head says it
/// @param by what is done to the code for it, as `by:` says it
record Mutation(Path patch, String name, String breaks, String by) {
    private static final String TARGET = "+++ b/";

    /// A patch that is of no use: what is wrong with which.
    static final class UselessException extends IOException {
        private static final long serialVersionUID = 1;

        UselessException(Path patch, String problem) {
            super(patch + ": " + problem);
        }
    }

    /// All patches of a folder, by name.
    static ImmutableList<Mutation> in(Path folder) throws IOException {
        var mutations = ImmutableList.<Mutation>builder();
        try (var files = Files.list(folder)) {
            for (var patch : files.filter(file -> file.toString().endsWith(".patch")).sorted().toList()) {
                mutations.add(read(patch));
            }
        }
        return mutations.build();
    }

    private static Mutation read(Path patch) throws IOException {
        return new Mutation(
                patch, MoreFiles.getNameWithoutExtension(patch), word(patch, "breaks: "), word(patch, "by: "));
    }

    private static String word(Path patch, String label) throws IOException {
        try (var lines = Files.lines(patch)) {
            return lines.takeWhile(line -> !line.startsWith("--- "))
                    .filter(line -> line.startsWith(label))
                    .findFirst()
                    .map(line -> line.substring(label.length()))
                    .orElseThrow(() -> new UselessException(
                            patch, "has no line \"" + label + "...\" before the first file that it changes"));
        }
    }

    /// Writes the files that it changes, changed, into a folder.
    ///
    /// @param root of the repository: they are taken as they are there
    /// @throws UselessException if it does not fit them any more
    ImmutableList<Path> apply(Path root, Path folder) throws IOException, InterruptedException {
        var changed = ImmutableList.<Path>builder();
        for (var file : files()) {
            var copy = folder.resolve(file);
            Files.createDirectories(copy.getParent());
            Files.copy(root.resolve(file), copy);
            changed.add(copy);
        }
        var git = new ProcessBuilder("git", "apply", patch.toAbsolutePath().toString())
                .directory(folder.toFile())
                .redirectErrorStream(true);
        git.environment().put("GIT_CEILING_DIRECTORIES", folder.toAbsolutePath().getParent().toString());
        var running = git.start();
        var said = new String(running.getInputStream().readAllBytes());
        if (running.waitFor() != 0) {
            throw new UselessException(patch, "does not fit the code any more, make it anew: " + said.strip());
        }
        return changed.build();
    }

    private List<String> files() throws IOException {
        try (var lines = Files.lines(patch)) {
            var files = lines.filter(line -> line.startsWith(TARGET))
                    .map(line -> line.substring(TARGET.length()))
                    .toList();
            if (files.isEmpty()) {
                throw new UselessException(patch, "changes no file");
            }
            return files;
        }
    }

    /// Compiles changed sources against the classes that they belong to.
    ///
    /// @param classPath of the code as it is
    /// @param classes a folder for the result, which is to come before it
    void compile(List<Path> sources, List<Path> classPath, Path classes) throws IOException {
        Files.createDirectories(classes);
        var compiler = ToolProvider.getSystemJavaCompiler();
        var said = new StringWriter();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            var release = String.valueOf(Runtime.version().feature());
            var options = new ArrayList<>(
                    List.of("--release", release, "-proc:none", "-nowarn", "-d", classes.toString(), "-cp"));
            options.add(String.join(File.pathSeparator, classPath.stream().map(Path::toString).toList()));
            var task = compiler.getTask(
                    said, manager, null, options, null, manager.getJavaFileObjectsFromPaths(sources));
            if (!task.call()) {
                throw new UselessException(patch, "does not compile: " + said.toString().strip());
            }
        }
    }
}
