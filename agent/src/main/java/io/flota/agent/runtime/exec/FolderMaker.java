package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.exec.Launch.ImpossibleException;
import io.flota.agent.runtime.exec.ServiceSettings.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Makes the folders of `RuntimeDirectory=`, `StateDirectory=` and their like, owned by the unit's user.
final class FolderMaker {
    private static final ImmutableMap<String, String> VARIABLES = ImmutableMap.of(
            "/run", "RUNTIME_DIRECTORY",
            "/var/lib", "STATE_DIRECTORY",
            "/var/cache", "CACHE_DIRECTORY",
            "/var/log", "LOGS_DIRECTORY",
            "/etc", "CONFIGURATION_DIRECTORY");

    private FolderMaker() {}

    /// The variable that tells a unit of its folders below a base.
    static String variable(String base) {
        return VARIABLES.get(base);
    }

    static void make(Surroundings surroundings) throws IOException, ImpossibleException {
        for (var folder : surroundings.folders().entries()) {
            var path = Path.of(folder.getKey(), folder.getValue());
            Files.createDirectories(path);
            if (surroundings.user().isPresent() && !folder.getKey().equals("/etc")) {
                var uid = Integer.parseInt(Accounts.user(surroundings.user().get()).uid());
                Files.setAttribute(path, "unix:uid", uid);
            }
        }
    }
}
