package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableList;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.UnitName;
import java.util.BitSet;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/// What may stand against a unit on a machine. Asked in this order; the first refusal is the one that the operator
/// reads, so the plainest come first.
enum Rule {
    /// The machine is to become empty.
    DRAIN {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {} // it is cordoned, too

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            return draft.policies().drives(unit, machine)
                    ? Optional.of(draft.policies().words(machine))
                    : Optional.empty();
        }
    },

    /// The machine takes nothing new. Only newcomers are asked, and who was told to leave is one.
    CORDON {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {
            candidates.andNot(draft.policies().cordoned());
        }

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            return draft.policies().cordoned().get(machine)
                    ? Optional.of(draft.policies().words(machine))
                    : Optional.empty();
        }
    },

    /// `MachineID=`: this machine only.
    MACHINE_ID {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {
            Draft.rules(unit).machineId().ifPresent(id -> candidates.and(draft.machines().named(id)));
        }

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            return Draft.rules(unit)
                    .machineId()
                    .filter(id -> !draft.machines().named(id).get(machine))
                    .map(id -> "MachineID=" + id + " wanted, this is another machine");
        }
    },

    /// `MachineMetadata=`: for each key one of the wanted values.
    METADATA {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {
            Draft.rules(unit)
                    .metadata()
                    .asMap()
                    .forEach((key, values) -> candidates.and(draft.machines().having(key, values)));
        }

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            var metadata = draft.machines().get(machine).metadata();
            return Draft.rules(unit).metadata().asMap().entrySet().stream()
                    .filter(wanted -> !wanted.getValue().contains(metadata.get(wanted.getKey())))
                    .findFirst()
                    .map(wanted -> metadataWords(wanted, Optional.ofNullable(metadata.get(wanted.getKey()))));
        }

        private static String metadataWords(Map.Entry<String, Collection<String>> wanted, Optional<String> has) {
            var key = wanted.getKey();
            var pairs =
                    wanted.getValue().stream().map(value -> key + "=" + value).toList();
            return "metadata " + String.join(" or ", pairs) + " wanted, the machine has "
                    + has.map(value -> key + "=" + value).orElse("no " + key);
        }
    },

    /// `MachineOf=`: all of these units are there.
    MACHINE_OF {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {
            Draft.rules(unit).machineOf().forEach(peer -> candidates.and(draft.placesOf(peer)));
        }

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            return Draft.rules(unit).machineOf().stream()
                    .filter(peer -> !draft.placesOf(peer).get(machine))
                    .findFirst()
                    .map(peer -> "MachineOf=" + peer + " is not on this machine" + whyNot(peer, draft));
        }

        private static String whyNot(UnitName peer, Draft draft) {
            var known = draft.unit(peer);
            if (known.isEmpty()) {
                return "; no such unit is registered";
            }
            if (!known.get().isWanted()) {
                return "; its desired state is inactive";
            }
            return draft.placesOf(peer).isEmpty() ? "; it is on none now" : "";
        }
    },

    /// `Conflicts=`, of this unit or the other, with units whose place is certain.
    CONFLICTS {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {
            candidates.andNot(draft.settled().conflictsOf(unit.name()));
        }

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            return draft.settled().conflictsAt(unit.name(), machine).stream()
                    .findFirst()
                    .map(other -> "conflicts with " + other + ", which runs there");
        }
    },

    /// `Replaces=` of another unit, which has this machine or is about to get it.
    REPLACED {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {
            var replacers = draft.dependence().replacersOf(unit.name());
            if (!replacers.isEmpty()) {
                candidates.stream()
                        .filter(machine -> refusal(unit, machine, draft).isPresent())
                        .forEach(candidates::clear);
            }
        }

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            return draft.dependence().replacersOf(unit.name()).stream()
                    .filter(replacer -> draft.settled().has(replacer, machine))
                    .findFirst()
                    .map(replacer -> replacer + " is there and replaces it");
        }
    },

    /// `CPU=` and `Memory=`, beside all who are there. Only newcomers are asked.
    ROOM {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {
            draft.room().narrow(candidates, unit);
        }

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            return draft.room().refusal(unit, machine);
        }
    },

    /// `CPU=` and `Memory=`, beside those whose place is certain.
    ROOM_TO_STAY {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {} // newcomers need more room than that

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            return draft.room().refusalToStay(unit, machine);
        }
    },

    /// The unit has kept failing there, or elsewhere just now. Only newcomers are asked.
    SETBACKS {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {
            if (draft.setbacks().isAny(unit)) {
                ((BitSet) candidates.clone()).stream()
                        .filter(machine -> refusal(unit, machine, draft).isPresent())
                        .forEach(candidates::clear);
            }
        }

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            var id = draft.machines().id(machine);
            return draft.setbacks().until(unit, id).map(_ -> draft.setbacks().words(unit, id));
        }
    },

    /// `Conflicts=` with units that were there first, or that are still stopping. Only newcomers are asked.
    NEWCOMER_CONFLICTS {
        @Override
        void narrow(BitSet candidates, RegisteredUnit unit, Draft draft) {
            candidates.andNot(draft.presumed().conflictsOf(unit.name()));
            candidates.andNot(draft.leaving().conflictsOf(unit.name()));
        }

        @Override
        Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft) {
            var staying = draft.presumed().conflictsAt(unit.name(), machine).stream()
                    .findFirst()
                    .map(other -> "conflicts with " + other + ", which runs there");
            return staying.or(() -> draft.leaving().conflictsAt(unit.name(), machine).stream()
                    .findFirst()
                    .map(other -> "conflicts with " + other + ", which is still being stopped there"));
        }
    };

    private static final ImmutableList<Rule> ALL = ImmutableList.copyOf(values());
    private static final ImmutableList<Rule> OF_ANY_RIGHT = without(NEWCOMER_CONFLICTS);
    private static final ImmutableList<Rule> TO_STAY = without(CORDON, ROOM, SETBACKS, NEWCOMER_CONFLICTS);
    private static final ImmutableList<Rule> OF_A_COPY = without(SETBACKS);
    private static final ImmutableList<Rule> TO_BE_TRIED_AGAIN = without(CORDON);

    private static ImmutableList<Rule> without(Rule... rules) {
        return ALL.stream()
                .filter(rule -> !ImmutableList.copyOf(rules).contains(rule))
                .collect(ImmutableList.toImmutableList());
    }

    /// Takes the machines from the candidates that the rule refuses.
    abstract void narrow(BitSet candidates, RegisteredUnit unit, Draft draft);

    /// Why the rule refuses a machine; empty if it does not.
    abstract Optional<String> refusal(RegisteredUnit unit, int machine, Draft draft);

    /// Where a unit may be started.
    static BitSet candidates(RegisteredUnit unit, Draft draft) {
        var candidates = draft.machines().all();
        ALL.forEach(rule -> rule.narrow(candidates, unit, draft));
        return candidates;
    }

    /// Why a unit cannot be started on a machine.
    static Optional<String> refusalOfNewcomer(RegisteredUnit unit, int machine, Draft draft) {
        return refusal(ALL, unit, machine, draft);
    }

    /// Why a unit cannot be started on a machine, whoever would have to make room for it.
    static Optional<String> refusalToCome(RegisteredUnit unit, int machine, Draft draft) {
        return refusal(OF_ANY_RIGHT, unit, machine, draft);
    }

    /// Why a copy of a unit that runs on a machine cannot become the unit. That it has failed somewhere is no reason.
    static Optional<String> refusalOfCopy(RegisteredUnit unit, int machine, Draft draft) {
        return refusal(OF_A_COPY, unit, machine, draft);
    }

    /// Why a unit cannot stay on the machine where it is.
    static Optional<String> refusalToStay(RegisteredUnit unit, int machine, Draft draft) {
        return refusal(TO_STAY, unit, machine, draft);
    }

    /// Why a placement cannot stay as it is or, if it is being released, be taken back. Who only rests there is not told
    /// to leave.
    static Optional<String> refusalToKeep(RegisteredUnit unit, PlacementFact placed, int machine, Draft draft) {
        boolean leaves = Draft.isReleasing(placed) && !draft.setbacks().isResting(placed);
        return refusal(leaves ? OF_ANY_RIGHT : TO_STAY, unit, machine, draft);
    }

    /// Why a unit that rests on a machine cannot be started there.
    static Optional<String> refusalToTryAgain(RegisteredUnit unit, int machine, Draft draft) {
        return refusal(TO_BE_TRIED_AGAIN, unit, machine, draft);
    }

    private static Optional<String> refusal(
            ImmutableList<Rule> rules, RegisteredUnit unit, int machine, Draft draft) {
        for (var rule : rules) {
            var refusal = rule.refusal(unit, machine, draft);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    /// Where a follower that is yet to be decided on might go, if the units that it follows go there too.
    static BitSet outlook(RegisteredUnit follower, Draft draft) {
        var places = draft.placesOf(follower.name());
        if (!places.isEmpty()) {
            return places;
        }
        var candidates = draft.machines().all();
        ALL.stream().filter(rule -> rule != MACHINE_OF).forEach(rule -> rule.narrow(candidates, follower, draft));
        Draft.rules(follower).machineOf().stream()
                .map(draft::placesOf)
                .filter(peerPlaces -> !peerPlaces.isEmpty())
                .forEach(candidates::and);
        return candidates;
    }
}
