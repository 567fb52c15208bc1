package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.PlacedFiles.Fetched;
import io.flota.agent.steps.Situation.Stray;
import io.flota.unit.PartitionRules.OnReconnect;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.util.TreeMap;

/// Reads of the files of units that are up here and not placed here whether they stay until the leader has spoken.
final class Strays {
    private final PlacedFiles files;

    Strays(PlacedFiles files) {
        this.files = files;
    }

    /// A unit whose file is gone or says nothing of it is not among them.
    ///
    /// @param fetched what came of fetching their files, with others
    ImmutableSortedMap<UnitName, Stray> of(ImmutableSortedMap<UnitName, UnitState> unplaced, Fetched fetched) {
        var strays = new TreeMap<UnitName, Stray>();
        unplaced.forEach((unit, state) -> {
            if (!fetched.unreadable().containsKey(unit)) {
                if (staysForTheLeader(unit, files.get(state.fileHash()))) {
                    strays.put(unit, Stray.ASKS);
                }
            } else if (fetched.unreadable().get(unit).load().equals(PlacedFiles.UNREAD)) {
                strays.put(unit, Stray.UNDECIDED);
            }
        });
        return ImmutableSortedMap.copyOfSorted(strays);
    }

    private static boolean staysForTheLeader(UnitName unit, UnitFile file) {
        try {
            return PlacementRules.of(unit.full(), unit, file).partition().onReconnect() == OnReconnect.OLDEST;
        } catch (UnitFileException _) {
            return false; // the leader cannot read its rules either
        }
    }
}
