package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.PartitionRules;
import io.flota.unit.PartitionRules.OnDisconnect;
import io.flota.unit.PlacementRules;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFile.Setting;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.nio.file.Path;
import java.util.ArrayList;

/// A container's unit that is loaded here.
///
/// @param placement the id of what the leader placed; empty if it is not known
/// @param file as it was placed
/// @param service the hash of the file that the machine's runtime got in its place; empty if it got none
record ContainerUnit(UnitName name, String placement, UnitFile file, String service, Reading reading) {
    /// What its file says.
    sealed interface Reading {
        /// @param service what the machine's runtime gets in its place
        /// @param ignored keys of `[Container]` that are not honoured, each `Key=`
        record Readable(ContainerSettings settings, UnitFile service, ImmutableList<String> ignored)
                implements Reading {}

        record Broken(String because) implements Reading {}
    }

    /// @param root the folder of [Asks]
    static ContainerUnit of(UnitName name, String placement, UnitFile file, Specifiers.Context context, Path root) {
        var reading = read(name, file, context, root);
        var service = reading instanceof Reading.Readable readable ? readable.service().hash() : "";
        return new ContainerUnit(name, placement, file, service, reading);
    }

    private static Reading read(UnitName name, UnitFile file, Specifiers.Context context, Path root) {
        if (!name.type().equals("service")) {
            return new Reading.Broken(name + ": [Container] is for services; name the unit " + name.stem() + ".service");
        }
        var reader = SettingReader.with(ContainerReader.SECTION, file, context);
        var settings = ContainerReader.read(reader);
        var problems = new ArrayList<>(ContainerService.problems(name, file));
        problems.addAll(unguardable(name, file));
        try {
            var ignored = reader.finish();
            if (problems.isEmpty() && settings.isPresent()) {
                var service = ContainerService.of(name, file, settings.get(), root);
                return new Reading.Readable(settings.get(), service, ofContainer(file, ignored));
            }
        } catch (UnitFileException e) {
            problems.addAll(0, e.problems());
        }
        return new Reading.Broken(String.join("; ", problems));
    }

    /// The machine's runtime says the rest.
    private static ImmutableList<String> ofContainer(UnitFile file, ImmutableList<String> ignored) {
        var keys = file.settings().stream()
                .filter(setting -> setting.section().equals(ContainerReader.SECTION))
                .map(Setting::key)
                .collect(ImmutableSet.toImmutableSet());
        return ignored.stream()
                .filter(words -> keys.contains(words.substring(0, Math.max(0, words.indexOf('=')))))
                .collect(ImmutableList.toImmutableList());
    }

    /// What the watchdog ends in time are the processes of the unit's own control group, and a container has another.
    private static ImmutableList<String> unguardable(UnitName name, UnitFile file) {
        PartitionRules rules;
        try {
            rules = PlacementRules.of(name.full(), name, file).partition();
        } catch (UnitFileException e) {
            return e.problems();
        }
        if (rules.exclusive()) {
            return ImmutableList.of(name + ": Exclusive=true does not go with [Container] yet: nothing would end the"
                    + " container in time if the agent cannot");
        }
        return rules.onDisconnect() == OnDisconnect.STOP
                ? ImmutableList.of(name + ": OnDisconnect=stop does not go with [Container] yet: nothing would end the"
                        + " container in time if the agent cannot")
                : ImmutableList.of();
    }

    // On disk: the placement's id and the hash of the service in the first line, then the file.

    ByteString saved() {
        return ByteString.copyFromUtf8(placement + " " + service + "\n").concat(file.bytes());
    }

    /// The service may have been made by an agent of another version, which makes other ones: that is no reason to
    /// start the unit anew.
    ///
    /// @throws IllegalArgumentException if it is damaged
    static ContainerUnit of(UnitName name, ByteString saved, Specifiers.Context context, Path root) {
        var text = saved.toStringUtf8();
        int end = text.indexOf('\n');
        var words = text.substring(0, Math.max(0, end)).split(" ", -1);
        if (words.length != 2) {
            throw new IllegalArgumentException("what was saved of " + name + " is not whole");
        }
        var bytes = saved.substring(ByteString.copyFromUtf8(text.substring(0, end + 1)).size());
        try {
            var file = UnitFile.parse(name.full(), bytes);
            return new ContainerUnit(name, words[0], file, words[1], read(name, file, context, root));
        } catch (UnitFileException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
