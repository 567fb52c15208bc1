package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.unit.EnvironmentFileSyntax;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;

/// What a container takes from its machine's files as it is created.
///
/// @param environment of all `EnvironmentFile=`, the later ones over the earlier ones
/// @param seccomp the profile, in JSON, or `unconfined`
/// @param missingDevices those of `AddDevice=-…` that the machine does not have
record MachineFiles(
        ImmutableMap<String, String> environment, Optional<String> seccomp, ImmutableSet<String> missingDevices) {
    static final MachineFiles NONE = new MachineFiles(ImmutableMap.of(), Optional.empty(), ImmutableSet.of());

    /// @throws IOException with one line for the operator
    static MachineFiles read(ContainerSettings settings) throws IOException {
        var environment = new LinkedHashMap<String, String>();
        for (var file : settings.program().environmentFiles()) {
            var bytes = WholeFile.read(Path.of(file.path()));
            if (bytes.isPresent()) {
                environment.putAll(
                        EnvironmentFileSyntax.parse(file.path(), bytes.get().toStringUtf8()).variables());
            } else if (!file.mayMiss()) {
                throw new IOException("EnvironmentFile=" + file.path() + ": no such file");
            }
        }
        var missing = settings.storage().devices().stream()
                .filter(ContainerSettings.DeviceSetting::mayMiss)
                .map(ContainerSettings.DeviceSetting::source)
                .filter(path -> Files.notExists(Path.of(path)))
                .collect(ImmutableSet.toImmutableSet());
        var profile = settings.security().seccomp();
        return new MachineFiles(
                ImmutableMap.copyOf(environment),
                profile.isPresent() ? Optional.of(seccomp(profile.get())) : Optional.empty(),
                missing);
    }

    /// Over these variables.
    MachineFiles under(ImmutableMap<String, String> variables) {
        var all = ImmutableMap.<String, String>builder().putAll(variables).putAll(environment).buildKeepingLast();
        return new MachineFiles(all, seccomp, missingDevices);
    }

    private static String seccomp(String path) throws IOException {
        if (path.equals("unconfined")) {
            return path;
        }
        return WholeFile.read(Path.of(path))
                .orElseThrow(() -> new IOException("SeccompProfile=" + path + ": no such file"))
                .toStringUtf8();
    }
}
