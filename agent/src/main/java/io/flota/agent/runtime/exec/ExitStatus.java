package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableBiMap;
import java.util.OptionalInt;

/// Exit statuses that have a name, those that systemd gives to what goes wrong before a program runs among them.
final class ExitStatus {
    static final int CHDIR = 200;
    static final int EXEC = 203;
    static final int GROUP = 216;
    static final int USER = 217;
    /// Its time was over before it began, see [Term].
    static final int FENCED = 218;
    static final int CGROUP = 219;

    private static final ImmutableBiMap<Integer, String> NAMES = ImmutableBiMap.<Integer, String>builder()
            .put(0, "SUCCESS")
            .put(1, "FAILURE")
            .put(2, "INVALIDARGUMENT")
            .put(3, "NOTIMPLEMENTED")
            .put(4, "NOPERMISSION")
            .put(5, "NOTINSTALLED")
            .put(6, "NOTCONFIGURED")
            .put(7, "NOTRUNNING")
            .put(64, "USAGE")
            .put(65, "DATAERR")
            .put(66, "NOINPUT")
            .put(67, "NOUSER")
            .put(68, "NOHOST")
            .put(69, "UNAVAILABLE")
            .put(70, "SOFTWARE")
            .put(71, "OSERR")
            .put(72, "OSFILE")
            .put(73, "CANTCREAT")
            .put(74, "IOERR")
            .put(75, "TEMPFAIL")
            .put(76, "PROTOCOL")
            .put(77, "NOPERM")
            .put(78, "CONFIG")
            .put(CHDIR, "CHDIR")
            .put(EXEC, "EXEC")
            .put(GROUP, "GROUP")
            .put(USER, "USER")
            .put(FENCED, "FENCED")
            .put(CGROUP, "CGROUP")
            .buildOrThrow();

    private ExitStatus() {}

    static OptionalInt named(String name) {
        var status = NAMES.inverse().get(name);
        return status == null ? OptionalInt.empty() : OptionalInt.of(status);
    }

    /// `203/EXEC`, or the number alone.
    static String words(int status) {
        var name = NAMES.get(status);
        return name == null ? Integer.toString(status) : status + "/" + name;
    }
}
