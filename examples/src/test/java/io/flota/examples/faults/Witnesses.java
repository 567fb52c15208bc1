package io.flota.examples.faults;

import static java.util.stream.Collectors.groupingBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Units that write down themselves when and where they were there, in a folder that Flota knows nothing of.
record Witnesses(Path folder) {
    static Witnesses in(Path folder) {
        try (var script = Witnesses.class.getResourceAsStream("witness")) {
            Files.createDirectories(folder.resolve("lines"));
            Files.copy(script, folder.resolve("witness"), StandardCopyOption.REPLACE_EXISTING);
            return new Witnesses(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Writes a unit file.
    ///
    /// @param name with its suffix
    /// @param millis between two lines
    /// @param habit of [the witness](../../../../resources/io/flota/examples/faults/witness); may be empty
    /// @param options further lines, which begin in `[Service]`
    void unit(Path directory, String name, int millis, String habit, String... options) {
        var text = """
                [Unit]
                Description=writes down when and where it is there

                [Service]
                ExecStart=/usr/bin/perl %s %s %d %s
                TimeoutStopSec=2
                %s
                """.formatted(script(), folder.resolve("lines"), millis, habit, String.join("\n", options));
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve(name), text);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path script() {
        return folder.resolve("witness");
    }

    /// Every process that ever was, by unit, in the order of their starts.
    Map<String, List<Run>> runs() {
        try (var files = Files.list(folder.resolve("lines"))) {
            return files.flatMap(file -> read(file).stream())
                    .sorted(Comparator.comparingLong(Run::first))
                    .collect(groupingBy(Run::unit, TreeMap::new, java.util.stream.Collectors.toList()));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static List<Run> read(Path file) {
        var ended = new ArrayList<Run>();
        var running = new HashMap<Long, Run>(); // by process id, of which the kernel may give one twice
        try (Stream<String> lines = Files.lines(file, StandardCharsets.US_ASCII)) {
            lines.filter(line -> line.length() > 2).forEach(line -> {
                var words = line.split(" ");
                long at = Long.parseLong(words[1]);
                long pid = Long.parseLong(words[2]);
                if (words[0].equals("start")) {
                    var before = running.put(pid, start(file.getFileName().toString(), pid, at, words));
                    if (before != null) {
                        ended.add(before);
                    }
                } else {
                    running.computeIfPresent(pid, (_, run) -> run.seen(at, switch (words[0]) {
                        case "term" -> Run.Ending.ASKED;
                        case "exit" -> Run.Ending.OWN;
                        default -> run.ending();
                    }));
                }
            });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        ended.addAll(running.values());
        return ended;
    }

    private static Run start(String unit, long pid, long at, String[] words) {
        var epoch = words[4].equals("-") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(words[4]));
        return new Run(unit, words[3], pid, epoch, at, at, Run.Ending.SILENT);
    }

    /// A process of a unit that is there now, whatever Flota knows of it.
    record Living(String unit, String machine, long pid) {}

    List<Living> living() {
        try (var processes = Files.list(Path.of("/proc"))) {
            return processes.filter(process -> process.getFileName().toString().matches("[0-9]+"))
                    .flatMap(this::living)
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Stream<Living> living(Path process) {
        try {
            var command = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1).split("\0");
            if (command.length < 3 || !command[0].endsWith("perl") || !command[1].equals(script().toString())) {
                return Stream.empty();
            }
            var environment = Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1).split("\0");
            return Stream.of(new Living(
                    value(environment, "FLOTA_UNIT"), value(environment, "FLOTA_MACHINE_ID"),
                    Long.parseLong(process.getFileName().toString())));
        } catch (IOException _) {
            return Stream.empty(); // it has ended meanwhile
        }
    }

    private static String value(String[] environment, String name) {
        return Stream.of(environment)
                .filter(line -> line.startsWith(name + "="))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElse("");
    }
}
