package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.steps.Guard;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A program that does nothing but run a runtime, to be killed.
final class LoneAgent {
    private LoneAgent() {}

    /// Arguments: state folder, machine id, cgroup parent. Says a line once it is up.
    public static void main(String[] arguments) throws Exception {
        var settings = new ExecSettings(
                Path.of(arguments[0]), arguments[1], "host-a.example", "192.0.2.1", "10.0.0.1", Optional.empty(),
                64 * 1024, arguments[2], Optional.empty(), ImmutableMap.of());
        var runtime = ExecRuntime.start(settings);
        System.out.println("up");
        var commands = new BufferedReader(new InputStreamReader(System.in));
        for (var line = commands.readLine(); line != null; line = commands.readLine()) {
            var words = line.split(" ");
            switch (words[0]) {
                case "start" -> runtime.start(List.of(new UnitToStart(
                        Units.name(words[1]), 1, words.length > 2 ? Long.parseLong(words[2]) : 0)));
                case "guard" -> runtime.guard(List.of(new Guard(
                        Units.name(words[1]), true, Duration.ZERO, Duration.parse(words[2]),
                        Duration.parse(words[2]))));
                case "stop" -> runtime.stop(List.of(Units.name(words[1])));
                default -> throw new IllegalArgumentException(line);
            }
            System.out.println("done");
        }
    }
}
