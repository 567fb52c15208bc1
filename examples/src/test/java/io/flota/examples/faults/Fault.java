package io.flota.examples.faults;

import io.flota.examples.faults.Network.Cut;
import io.flota.examples.faults.Network.Way;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Something that is done to parts of the cluster, and undone a while later.
sealed interface Fault {
    /// SIGKILL for the node's own process (of a machine: for the agent); started anew when it is undone.
    record Killed(List<String> nodes) implements Fault {}

    /// SIGSTOP for the node's own process, SIGCONT when it is undone.
    record Stopped(List<String> nodes) implements Fault {}

    /// SIGKILL for a machine, that is for its agent and all its units at once; switched on again when it is undone.
    record MachineKilled(String machine) implements Fault {
        @Override
        public List<String> nodes() {
            return List.of(machine);
        }
    }

    /// No way between any of these and any of those etcd members.
    record CutOff(List<String> these, List<String> members, Manner manner) implements Fault {
        @Override
        public List<String> nodes() {
            return these;
        }

        Cut cut() {
            return switch (manner) {
                case SILENT -> Cut.between(these, members, false);
                case REFUSING -> Cut.between(these, members, true);
                case UNHEARD -> new Cut(oneWay(these, members), false);
                case DEAF -> new Cut(oneWay(members, these), false);
            };
        }

        private static Set<Way> oneWay(List<String> from, List<String> to) {
            return from.stream()
                    .flatMap(one -> to.stream().map(other -> new Way(one, other)))
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        }
    }

    /// How a cut shows itself to those that are cut off.
    enum Manner {
        SILENT("silently"),
        REFUSING("with resets"),
        UNHEARD("but hears what comes"),
        DEAF("but is heard");

        private final String words;

        Manner(String words) {
            this.words = words;
        }
    }

    /// Every fsync and fdatasync of an etcd member takes longer by this time.
    record DiskSlow(String member, Duration delay) implements Fault {
        @Override
        public List<String> nodes() {
            return List.of(member);
        }
    }

    /// The nodes that it is done to.
    List<String> nodes();

    /// For those who read along.
    default String words() {
        return switch (this) {
            case Killed(var nodes) -> "SIGKILL for " + own(nodes);
            case Stopped(var nodes) -> "SIGSTOP for " + own(nodes);
            case MachineKilled(var machine) -> "SIGKILL for " + machine + " and its units";
            case CutOff(var these, var members, var manner) ->
                String.join(", ", these) + " cut off from " + String.join(", ", members) + ", " + manner.words;
            case DiskSlow(var member, var delay) -> "disk of " + member + " slower by " + delay.toMillis() + " ms an fsync";
        };
    }

    /// In two or three words, for tables.
    default String kind() {
        return switch (this) {
            case Killed(var nodes) -> "SIGKILL for " + kinds(nodes);
            case Stopped(var nodes) -> "SIGSTOP for " + kinds(nodes);
            case MachineKilled _ -> "SIGKILL for a machine";
            case CutOff(var these, var members, var manner) ->
                kinds(these) + " cut off" + (members.size() == 1 ? " from one member, " : ", ") + manner.words;
            case DiskSlow _ -> "slow disk of a member";
        };
    }

    private static String own(List<String> nodes) {
        return nodes.stream()
                .map(node -> node.startsWith("machine-") ? "the agent of " + node : node)
                .collect(Collectors.joining(", "));
    }

    private static String kinds(List<String> nodes) {
        var kind = Stream.of("machine", "scheduler", "etcd").filter(nodes.getFirst()::startsWith).findFirst().orElseThrow();
        var name = switch (kind) {
            case "machine" -> "agent";
            case "etcd" -> "member";
            default -> kind;
        };
        return nodes.size() == 1 ? name : nodes.size() + " " + name + "s";
    }
}
