package io.flota.agent.runtime.docker;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.docker.ContainerSettings.Security;
import io.flota.agent.runtime.docker.ContainerSettings.UlimitSetting;
import io.flota.agent.runtime.setting.SettingReader;
import io.flota.unit.BooleanValue;
import io.flota.unit.Words;

/// Reads what a container may do.
final class SecurityReader {
    private static final ImmutableSet<String> CAPABILITIES = ImmutableSet.copyOf((""
                    + "ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN "
                    + "DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE "
                    + "MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP "
                    + "SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT "
                    + "SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM")
            .split(" "));
    private static final ImmutableSet<String> ULIMITS = ImmutableSet.of(
            "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
            "rttime", "sigpending", "stack");
    /// The settings that each container has of its own.
    private static final ImmutableSet<String> SYSCTLS = ImmutableSet.of(
            "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
            "kernel.shmmni", "kernel.shm_rmid_forced");

    private final SettingReader reader;

    SecurityReader(SettingReader reader) {
        this.reader = reader;
    }

    Security read() {
        return new Security(
                capabilities("AddCapability"), capabilities("DropCapability"), options(),
                reader.last(ContainerReader.SECTION, "SeccompProfile", value -> {
                    var profile = reader.expand(value);
                    return profile.equals("unconfined") ? profile : MountSetting.path(profile);
                }),
                reader.choice(ContainerReader.SECTION, "UserNS", false, ImmutableMap.of("host", true)),
                sysctls(),
                reader.all(ContainerReader.SECTION, "Ulimit", value -> ImmutableList.of(ulimit(value))));
    }

    private ImmutableList<String> capabilities(String key) {
        return reader.all(ContainerReader.SECTION, key, value -> Words.split(value).stream()
                .map(SecurityReader::capability)
                .toList());
    }

    private static String capability(String word) {
        var name = Ascii.toUpperCase(word).replaceFirst("^CAP_", "");
        if (!CAPABILITIES.contains(name)) {
            throw new IllegalArgumentException("\"" + word + "\" is not a capability, such as NET_ADMIN, nor ALL");
        }
        return name;
    }

    private ImmutableList<String> options() {
        var options = ImmutableList.<String>builder();
        if (reader.last(ContainerReader.SECTION, "NoNewPrivileges", BooleanValue::parse).orElse(false)) {
            options.add("no-new-privileges:true");
        }
        if (reader.last(ContainerReader.SECTION, "SecurityLabelDisable", BooleanValue::parse).orElse(false)) {
            options.add("label=disable");
        }
        ImmutableMap.of(
                        "SecurityLabelType", "label=type:",
                        "SecurityLabelLevel", "label=level:",
                        "SecurityLabelFileType", "label=filetype:",
                        "AppArmor", "apparmor=")
                .forEach((key, prefix) -> reader
                        .last(ContainerReader.SECTION, key, value -> label(reader.expand(value)))
                        .ifPresent(value -> options.add(prefix + value)));
        return options.build();
    }

    private static String label(String value) {
        if (!value.matches("[A-Za-z0-9_.:,/-]+")) {
            throw new IllegalArgumentException("is not the name of a label or profile");
        }
        return value;
    }

    private ImmutableMap<String, String> sysctls() {
        return SettingReader.merged(reader.all(ContainerReader.SECTION, "Sysctl", value -> Words.split(value).stream()
                .map(word -> sysctl(reader.expand(word)))
                .toList()));
    }

    private static ImmutableMap<String, String> sysctl(String word) {
        int equals = word.indexOf('=');
        if (equals < 1 || equals == word.length() - 1) {
            throw new IllegalArgumentException("\"" + word + "\" is not written as NAME=VALUE");
        }
        var name = word.substring(0, equals);
        if (!name.startsWith("net.") && !name.startsWith("fs.mqueue.") && !SYSCTLS.contains(name)) {
            throw new IllegalArgumentException(name + " is one for the whole machine; a container has of its own"
                    + " net.*, fs.mqueue.* and " + String.join(", ", SYSCTLS));
        }
        return ImmutableMap.of(name, word.substring(equals + 1));
    }

    /// `nofile=1000`, `nofile=1000:2000`.
    private static UlimitSetting ulimit(String value) {
        int equals = value.indexOf('=');
        var name = equals < 0 ? value : value.substring(0, equals);
        if (value.equals("host")) {
            throw new IllegalArgumentException("Docker cannot take over the agent's limits; name them");
        }
        if (equals < 0 || !ULIMITS.contains(name)) {
            throw new IllegalArgumentException(
                    "is not written as NAME=SOFT[:HARD] with one of " + String.join(", ", ULIMITS));
        }
        var bounds = value.substring(equals + 1).split(":", 2);
        long soft = bound(bounds[0]);
        long hard = bound(bounds[bounds.length - 1]);
        if (hard >= 0 && (soft < 0 || soft > hard)) {
            throw new IllegalArgumentException("the soft limit is above the hard one");
        }
        return new UlimitSetting(name, soft, hard);
    }

    private static long bound(String text) {
        if (text.equals("unlimited") || text.equals("-1")) {
            return -1;
        }
        if (!text.matches("\\d{1,18}")) {
            throw new IllegalArgumentException("\"" + text + "\" is neither a number nor -1 for no limit");
        }
        return Long.parseLong(text);
    }
}
