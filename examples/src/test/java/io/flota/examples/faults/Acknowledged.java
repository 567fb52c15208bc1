package io.flota.examples.faults;

import io.flota.examples.faults.Deeds.Commanded;
import io.flota.registry.Fact;
import io.flota.registry.Key;
import io.flota.unit.DesiredState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What operators were told to be done must be so.
final class Acknowledged {
    private Acknowledged() {}

    /// Units whose last command was acknowledged, while no other one was under way, and that are not as it asked for.
    static List<String> lost(Story story) {
        var lost = new ArrayList<String>();
        story.deeds().commands().stream().flatMap(command -> command.command().targets().stream()).distinct().forEach(unit -> {
            var commands = story.deeds().commands().stream()
                    .filter(command -> command.command().targets().contains(unit))
                    .sorted(Comparator.comparingLong(Commanded::from))
                    .toList();
            var last = commands.getLast();
            boolean alone = commands.stream().limit(commands.size() - 1).allMatch(other -> other.until() < last.from());
            if (alone && last.exitCode() == 0) {
                var asked = asked(last.command().verb());
                var is = desired(story, unit + ".service");
                if (asked.isPresent() && !asked.equals(is)) {
                    lost.add(last.command().words() + " was acknowledged, but the unit is " + is);
                }
            }
        });
        return lost;
    }

    /// Empty if the verb asks for no state, or one that depends on what was before.
    private static Optional<String> asked(String verb) {
        return switch (verb) {
            case "start", "start --replace" -> Optional.of(DesiredState.LAUNCHED.name());
            case "unload" -> Optional.of(DesiredState.INACTIVE.name());
            case "destroy" -> Optional.of("destroyed");
            default -> Optional.empty();
        };
    }

    private static Optional<String> desired(Story story, String unit) {
        return story.changes().stream()
                .filter(change -> change.key() instanceof Key.UnitKey(var name) && name.toString().equals(unit))
                .reduce((_, last) -> last)
                .map(change -> change.fact()
                        .map(fact -> ((Fact.UnitFact) fact).unit().desired().name())
                        .orElse("destroyed"));
    }
}
