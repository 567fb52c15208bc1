package io.flota.agent.runtime.setting;

import io.flota.agent.runtime.process.WholeFile;
import io.flota.unit.EnvironmentFileSyntax;
import io.flota.unit.Specifiers;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What specifiers say of this host, for an agent that expands them itself.
public final class ThisHost {
    private final Specifiers.Host host;
    private final Specifiers.Account account;
    private final Specifiers.Folders folders;

    private ThisHost(Specifiers.Host host, Specifiers.Account account, Specifiers.Folders folders) {
        this.host = host;
        this.account = account;
        this.folders = folders;
    }

    /// @param runtime the runtime folder of an agent that is not root; is made if need be
    public static ThisHost read(String hostname, String machineId, Path runtime) throws IOException {
        var host = new Specifiers.Host(
                hostname, machineId, text("/proc/sys/kernel/random/boot_id"),
                text("/proc/sys/kernel/osrelease"), architecture(), os());
        var user = System.getProperty("user.name");
        var root = Specifiers.Account.ROOT;
        var account = user.equals(root.user())
                ? root
                : new Specifiers.Account(
                        user, number("unix:uid"), user, number("unix:gid"), System.getProperty("user.home"), "/bin/sh");
        return new ThisHost(host, account, account.equals(root) ? Specifiers.Folders.SYSTEM : ofUser(runtime, account));
    }

    /// As for units of a user's systemd, but for the runtime folder: not every session has one.
    private static Specifiers.Folders ofUser(Path runtime, Specifiers.Account account) throws IOException {
        var home = account.home();
        return new Specifiers.Folders(
                Files.createDirectories(runtime).toString(), home + "/.local/state", home + "/.cache", home + "/.local/state/log",
                home + "/.config", "/tmp", "/var/tmp");
    }

    public Specifiers.Context context(UnitName unit) {
        return new Specifiers.Context(unit, host, account, folders, "");
    }

    private static int number(String attribute) throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), attribute);
    }

    private static String architecture() {
        var name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64", "x86_64" -> "x86-64";
            case "aarch64" -> "arm64";
            default -> name;
        };
    }

    private static Specifiers.Os os() throws IOException {
        var release = text("/etc/os-release");
        Map<String, String> fields = EnvironmentFileSyntax.parse("/etc/os-release", release + "\n").variables();
        return new Specifiers.Os(
                fields.getOrDefault("ID", ""), fields.getOrDefault("VERSION_ID", ""),
                fields.getOrDefault("BUILD_ID", ""), fields.getOrDefault("VARIANT_ID", ""),
                fields.getOrDefault("IMAGE_ID", ""), fields.getOrDefault("IMAGE_VERSION", ""));
    }

    private static String text(String file) throws IOException {
        return Optional.of(WholeFile.read(Path.of(file)))
                .flatMap(found -> found)
                .map(bytes -> bytes.toStringUtf8().strip())
                .orElse("");
    }
}
