package io.flota.unit;

import java.util.Optional;

/// The `%` specifiers.
public final class Specifiers {
    /// What a unit's specifiers stand for on one machine. Users and folders are those of the manager that runs the
    /// unit, not of its `User=`, as in systemd.
    ///
    /// @param file where the unit file is; empty if it is in no file
    public record Context(UnitName name, Host host, Account account, Folders folders, String file) {
        /// For who reads a unit before it is known where it will be: all that depends on the machine stands for something.
        public static Context somewhere(UnitName name) {
            return new Context(name, Host.SOME, Account.ROOT, Folders.SYSTEM, "");
        }
    }

    /// @param architecture in systemd's words, such as `x86-64`
    /// @param os as in `/etc/os-release`
    public record Host(
            String hostname, String machineId, String bootId, String kernelRelease, String architecture, Os os) {
        private static final Host SOME =
                new Host("localhost", "0".repeat(32), "0".repeat(32), "0", "x86-64", new Os("linux", "0", "0", "0", "0", "0"));
    }

    /// Fields of `/etc/os-release`; empty if not set.
    public record Os(
            String id, String versionId, String buildId, String variantId, String imageId, String imageVersion) {
        public static final Os UNKNOWN = new Os("", "", "", "", "", "");
    }

    public record Account(String user, int uid, String group, int gid, String home, String shell) {
        public static final Account ROOT = new Account("root", 0, "root", 0, "/root", "/bin/sh");
    }

    public record Folders(
            String runtime, String state, String cache, String logs, String configuration, String temporary,
            String largeTemporary) {
        /// Those of a system's manager.
        public static final Folders SYSTEM =
                new Folders("/run", "/var/lib", "/var/cache", "/var/log", "/etc", "/tmp", "/var/tmp");
    }

    private Specifiers() {}

    /// `%n %N %p %i` in a value of `[X-Fleet]`, by fleet's rule: plain replacement, all else stays as it is.
    public static String expandInPlacement(UnitName name, String value) {
        return value.replace("%n", name.full())
                .replace("%N", name.stem())
                .replace("%p", name.prefix())
                .replace("%i", name.instance());
    }

    /// A value of any other section, as the machine's systemd would expand it.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    public static String expand(Context context, String value) {
        var expanded = new StringBuilder();
        int at = 0;
        for (int percent = value.indexOf('%'); percent >= 0; percent = value.indexOf('%', at)) {
            expanded.append(value, at, percent);
            at = percent + 1;
            if (at == value.length() || !isSpecifier(value.charAt(at))) {
                // "100%" and "50% off" are common, and systemd lets them be.
                expanded.append('%');
                continue;
            }
            char specifier = value.charAt(at++);
            expanded.append(meaning(context, specifier).orElseThrow(() -> new IllegalArgumentException("%" + specifier
                    + " in " + Excerpt.of(value) + " is no specifier that has a meaning here. Write %%" + specifier
                    + " for the characters themselves")));
        }
        return expanded.append(value, at, value.length()).toString();
    }

    private static boolean isSpecifier(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '%';
    }

    private static Optional<String> meaning(Context context, char specifier) {
        var name = context.name();
        return switch (specifier) {
            case '%' -> Optional.of("%");
            case 'n' -> Optional.of(name.full());
            case 'N' -> Optional.of(name.stem());
            case 'p' -> Optional.of(name.prefix());
            case 'P' -> Optional.of(UnitName.unescape(name.prefix()));
            case 'i' -> Optional.of(name.instance());
            case 'I' -> Optional.of(UnitName.unescape(name.instance()));
            case 'j' -> Optional.of(lastPart(name));
            case 'J' -> Optional.of(UnitName.unescape(lastPart(name)));
            case 'f' -> Optional.of(UnitName.unescapePath(name.isInstance() ? name.instance() : name.prefix()));
            case 'y' -> Optional.of(context.file()).filter(file -> !file.isEmpty());
            case 'Y' -> Optional.of(context.file())
                    .filter(file -> !file.isEmpty())
                    .map(file -> file.substring(0, Math.max(1, file.lastIndexOf('/'))));
            case 'H', 'l', 'q', 'm', 'b', 'v', 'a', 'o', 'w', 'B', 'W', 'M', 'A' -> ofHost(context.host(), specifier);
            case 'u', 'U', 'g', 'G', 'h', 's' -> ofAccount(context.account(), specifier);
            case 't', 'S', 'C', 'L', 'E', 'T', 'V' -> ofFolders(context.folders(), specifier);
            default -> Optional.empty();
        };
    }

    private static Optional<String> ofHost(Host host, char specifier) {
        return switch (specifier) {
            case 'H' -> Optional.of(host.hostname());
            case 'l', 'q' -> Optional.of(host.hostname().split("\\.", 2)[0]);
            case 'm' -> Optional.of(host.machineId());
            case 'b' -> Optional.of(host.bootId().replace("-", ""));
            case 'v' -> Optional.of(host.kernelRelease());
            case 'a' -> Optional.of(host.architecture());
            case 'o' -> Optional.of(host.os().id());
            case 'w' -> Optional.of(host.os().versionId());
            case 'B' -> Optional.of(host.os().buildId());
            case 'W' -> Optional.of(host.os().variantId());
            case 'M' -> Optional.of(host.os().imageId());
            case 'A' -> Optional.of(host.os().imageVersion());
            default -> Optional.empty();
        };
    }

    private static Optional<String> ofAccount(Account account, char specifier) {
        return switch (specifier) {
            case 'u' -> Optional.of(account.user());
            case 'U' -> Optional.of(Integer.toString(account.uid()));
            case 'g' -> Optional.of(account.group());
            case 'G' -> Optional.of(Integer.toString(account.gid()));
            case 'h' -> Optional.of(account.home());
            case 's' -> Optional.of(account.shell());
            default -> Optional.empty();
        };
    }

    private static Optional<String> ofFolders(Folders folders, char specifier) {
        return switch (specifier) {
            case 't' -> Optional.of(folders.runtime());
            case 'S' -> Optional.of(folders.state());
            case 'C' -> Optional.of(folders.cache());
            case 'L' -> Optional.of(folders.logs());
            case 'E' -> Optional.of(folders.configuration());
            case 'T' -> Optional.of(folders.temporary());
            case 'V' -> Optional.of(folders.largeTemporary());
            default -> Optional.empty();
        };
    }

    /// What stands after the last dash of the prefix.
    private static String lastPart(UnitName name) {
        return name.prefix().substring(name.prefix().lastIndexOf('-') + 1);
    }
}
