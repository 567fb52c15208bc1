package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Folders that are mounted, under a real systemd.
class SystemdMountTest extends OnSystemd {
    private Path shared;
    private Path where;
    /// As systemd has it named after the folder: what is special in it is escaped.
    private String mount;

    @BeforeEach
    void share() throws Exception {
        shared = Files.createDirectory(machine.path("shared"));
        Files.writeString(shared.resolve("page"), "shared\n");
        where = machine.path("my-web sites");
        mount = SystemdMachine.said("systemd-escape", "--path", "--suffix=mount", where.toString());
        assertThat(mount).contains("my\\x2dweb\\x20sites");
    }

    private String file() {
        return "[Unit]\nDescription=shared pages\n[Mount]\nWhat=" + shared + "\nWhere=" + where
                + "\nType=none\nOptions=bind\n[X-Fleet]\nGlobal=true\n";
    }

    private boolean isMounted() throws IOException {
        return Files.exists(where.resolve("page"));
    }

    @Test
    void aFolderIsMountedAsLongAsItsUnitIsUp() throws Exception {
        machine.run(mount, file());

        var state = machine.until(mount, "active/mounted");
        assertThat(state.message()).isEmpty();
        assertThat(state.generation()).isEqualTo(1);
        assertThat(isMounted()).isTrue();

        machine.stop(mount);
        machine.until(mount, "inactive/dead");
        assertThat(isMounted()).isFalse();

        machine.start(2, mount);
        machine.until(mount, "active/mounted");
        machine.unload(mount);
        machine.untilUnloaded(mount);
        assertThat(isMounted()).isFalse();
    }

    @Test
    void theNextAgentTakesItOver() throws Exception {
        machine.run(mount, file());
        var before = machine.until(mount, "active/mounted");

        machine.restartAgent();

        var after = machine.until(mount, "active/mounted");
        assertThat(after.generation()).isEqualTo(1);
        assertThat(after.since()).isEqualTo(before.since());
        assertThat(after.fileHash()).isEqualTo(before.fileHash());
    }

    @Test
    void whoNeedsItStartsAfterIt() throws Exception {
        machine.load(mount, file());
        machine.load("a.service", "[Unit]\nRequiresMountsFor=\"" + where + "\"\n[Service]\nExecStart=/bin/sh -c 'cat \"" + where
                + "/page\"; exec sleep 1000'\n");
        machine.start(mount, "a.service");

        machine.until("a.service", "active/running");
        machine.untilWritten("a.service", "shared");
        machine.until(mount, "active/mounted");
    }

    @Test
    void whatCannotBeMountedSaysSo() throws Exception {
        machine.run(mount, file().replace(shared.toString(), "/dev/null/nowhere"));

        assertThat(machine.until(mount, "failed/failed").message()).startsWith("exit-code");

        machine.load(mount, file());
        machine.start(2, mount);
        machine.until(mount, "active/mounted");
    }

    @Test
    void oneThatIsNotNamedAfterItsFolderSaysSo() throws Exception {
        machine.run("pages.mount", file());

        var state = machine.until("pages.mount", found -> !found.load().equals("loaded"));

        assertThat(state.load()).isEqualTo("bad-setting");
        assertThat(isMounted()).isFalse();
    }

    @Test
    void whatTheHostHasMountedThereIsLetBe() throws Exception {
        Files.createDirectory(where);
        SystemdMachine.said("mount", "--bind", shared.toString(), where.toString());
        try {
            machine.run(mount, file());

            assertThat(machine.until(mount, found -> found.load().equals("error")).message()).contains("a unit of its own");
            machine.unload(mount);
            machine.untilUnloaded(mount);
            assertThat(isMounted()).isTrue();
        } finally {
            SystemdMachine.said("umount", where.toString());
        }
    }
}
