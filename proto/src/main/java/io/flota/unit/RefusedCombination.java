package io.flota.unit;

import java.util.Optional;
import java.util.stream.Stream;

/// Options that fleet refused together, in its words and its order.
///
/// @param option the one whose line is to blame
/// @param value the value that is to blame; empty if each is
record RefusedCombination(PlacementOption option, String value, String message) {
    static Optional<RefusedCombination> of(PlacementRules rules) {
        boolean id = rules.machineId().isPresent();
        boolean peers = !rules.machineOf().isEmpty();
        boolean conflicts = !rules.conflicts().isEmpty();
        boolean replaces = !rules.replaces().isEmpty();
        return unresolvable(rules)
                .or(() -> when(id && peers, PlacementOption.MACHINE_OF, "MachineID cannot be used with Peers"))
                .or(() -> when(id && conflicts, PlacementOption.CONFLICTS, "MachineID cannot be used with Conflicts"))
                .or(() -> when(id && rules.global(), PlacementOption.GLOBAL, "MachineID cannot be used with Global"))
                .or(() -> when(id && replaces, PlacementOption.REPLACES, "MachineID cannot be used with Replaces"))
                .or(() -> when(
                        rules.global() && peers, PlacementOption.MACHINE_OF, "Global cannot be used with Peers"))
                .or(() -> when(
                        rules.global() && replaces, PlacementOption.REPLACES, "Global cannot be used with Replaces"))
                .or(() -> when(
                        conflicts && replaces, PlacementOption.REPLACES, "Conflicts cannot be used with Replaces"));
    }

    private static Optional<RefusedCombination> unresolvable(PlacementRules rules) {
        return rules.machineOf().stream()
                .flatMap(peer -> Stream.concat(
                        rules.conflicts().stream()
                                .filter(glob -> glob.matches(peer.full()))
                                .map(glob -> unresolvable(peer, "conflict", glob)),
                        rules.replaces().stream()
                                .filter(glob -> glob.matches(peer.full()))
                                .map(glob -> unresolvable(peer, "replace", glob))))
                .findFirst();
    }

    private static RefusedCombination unresolvable(UnitName peer, String option, Glob glob) {
        return new RefusedCombination(PlacementOption.MACHINE_OF, peer.full(), "unresolvable requirements: peer \""
                + peer + "\" matches " + option + " \"" + glob + "\"");
    }

    private static Optional<RefusedCombination> when(boolean refused, PlacementOption option, String message) {
        return refused ? Optional.of(new RefusedCombination(option, "", message)) : Optional.empty();
    }
}
