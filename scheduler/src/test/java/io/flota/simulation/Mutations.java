package io.flota.simulation;

import com.google.common.base.Splitter;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Breaks one guarantee after the other and tells after how many seeds the simulation notices.
final class Mutations {
    /// For a simulation that does not end when its time is over.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// @param seeds the most for each
    /// @param limit the longest for each
    record Bounds(long seeds, Duration limit) {}

    /// What a run of seeds comes to.
    private sealed interface Verdict {
        record Clean(long seeds) implements Verdict {}

        record Caught(long seed, String breach) implements Verdict {}
    }

    private final Path root;
    private final Path work;
    private final List<Path> classPath;
    private final Bounds bounds;

    /// @param root of the repository
    /// @param work an empty folder
    private Mutations(Path root, Path work, List<Path> classPath, Bounds bounds) {
        this.root = root;
        this.work = work;
        this.classPath = classPath;
        this.bounds = bounds;
    }

    /// @param args the repository's root, seeds and seconds for each mutation at most, then names of mutations; no
    ///     names: all
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 3) {
            System.err.println("usage: Mutations ROOT SEEDS SECONDS [NAME]...");
            System.exit(2);
        }
        var root = Path.of(args[0]).toAbsolutePath().normalize();
        var bounds = new Bounds(Long.parseLong(args[1]), Duration.ofSeconds(Long.parseLong(args[2])));
        var named = List.of(args).subList(3, args.length);
        var all = Mutation.in(root.resolve("scheduler/src/test/mutations"));
        var unknown = named.stream()
                .filter(name -> all.stream().noneMatch(mutation -> mutation.name().equals(name)))
                .toList();
        if (!unknown.isEmpty()) {
            System.err.println("there is no mutation " + String.join(", ", unknown) + " in scheduler/src/test/mutations");
            System.exit(2);
        }
        var chosen = all.stream()
                .filter(mutation -> named.isEmpty() || named.contains(mutation.name()))
                .toList();
        System.exit(run(root, bounds, chosen) ? 0 : 1);
    }

    private static boolean run(Path root, Bounds bounds, List<Mutation> chosen)
            throws IOException, InterruptedException {
        var work = Files.createTempDirectory("mutations");
        var clean = new Thread(() -> delete(work));
        Runtime.getRuntime().addShutdownHook(clean); // also when told to stop
        var mutations = new Mutations(root, work, snapshot(work.resolve("base")), bounds);
        int missed = 0;
        System.out.printf(Locale.ROOT, "%-32s %7s %7s  %s%n", "mutation", "seeds", "seconds", "first breach");
        for (var mutation : chosen) {
            missed += mutations.isCaught(mutation) ? 0 : 1;
        }
        System.out.printf(Locale.ROOT, "%d of %d mutations caught%n", chosen.size() - missed, chosen.size());
        return missed == 0;
    }

    /// The classes as they are now: whoever builds meanwhile does no harm.
    private static List<Path> snapshot(Path base) throws IOException {
        var paths = new ArrayList<Path>();
        for (var element : Splitter.on(File.pathSeparator).split(System.getProperty("java.class.path"))) {
            var path = Path.of(element).toAbsolutePath();
            if (Files.isDirectory(path)) {
                var copy = base.resolve(String.valueOf(paths.size()));
                copy(path, copy);
                paths.add(copy);
            } else {
                paths.add(path);
            }
        }
        return paths;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }

    private static void delete(Path folder) {
        try {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        } catch (IOException e) {
            System.err.println("could not remove " + folder + ": " + e.getMessage());
        }
    }

    private boolean isCaught(Mutation mutation) throws IOException, InterruptedException {
        long began = System.nanoTime();
        var folder = work.resolve(mutation.name());
        var classes = folder.resolve("classes");
        mutation.compile(mutation.apply(root, folder.resolve("source")), classPath, classes);
        var mutated = new ArrayList<Path>();
        mutated.add(classes);
        mutated.addAll(classPath);
        var verdict = search(mutated);
        double seconds = (System.nanoTime() - began) / 1e9;
        switch (verdict) {
            case Verdict.Caught(long seed, var breach) -> tell(mutation, String.valueOf(seed), seconds, breach);
            case Verdict.Clean(long seeds) -> tell(mutation, ">" + seeds, seconds, "NOT CAUGHT: " + mutation.breaks());
        }
        return verdict instanceof Verdict.Caught;
    }

    private static void tell(Mutation mutation, String seeds, double seconds, String breach) {
        System.out.printf(Locale.ROOT, "%-32s %7s %7.0f  %s%n", mutation.name(), seeds, seconds, breach);
    }

    /// The first seed that fails with the mutation, and does not without.
    private Verdict search(List<Path> mutated) throws IOException, InterruptedException {
        long end = System.nanoTime() + bounds.limit().toNanos();
        long from = 1;
        while (from <= bounds.seeds() && System.nanoTime() < end) {
            var left = Duration.ofNanos(end - System.nanoTime());
            switch (play(mutated, from, bounds.seeds() - from + 1, left)) {
                case Verdict.Clean(long seeds) -> {
                    return new Verdict.Clean(from - 1 + seeds);
                }
                case Verdict.Caught caught -> {
                    if (play(classPath, caught.seed(), 1, bounds.limit()) instanceof Verdict.Clean) {
                        return caught;
                    }
                    from = caught.seed() + 1;
                }
            }
        }
        return new Verdict.Clean(from - 1);
    }

    private Verdict play(List<Path> classPath, long from, long count, Duration limit)
            throws IOException, InterruptedException {
        var said = work.resolve("said");
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g",
                        "--add-opens", "java.base/java.lang=ALL-UNNAMED", "-Djdk.trackAllThreads=false", "-cp",
                        String.join(File.pathSeparator, classPath.stream().map(Path::toString).toList()),
                        FirstBreach.class.getName(), String.valueOf(from), String.valueOf(count),
                        String.valueOf(limit.toSeconds()))
                .redirectOutput(said.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var stop = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            if (!process.waitFor(limit.plus(PATIENCE).toMillis(), TimeUnit.MILLISECONDS)) {
                return new Verdict.Caught(from, "the simulation does not end, from this seed on");
            }
        } finally {
            process.destroyForcibly();
            Runtime.getRuntime().removeShutdownHook(stop);
        }
        var words = Files.readString(said).strip().split("\t", 2);
        if (words.length < 2) {
            throw new IOException("the simulation ended with exit code " + process.exitValue() + " and no verdict");
        }
        return words[0].equals("clean")
                ? new Verdict.Clean(Long.parseLong(words[1]))
                : new Verdict.Caught(Long.parseLong(words[0]), words[1]);
    }
}
