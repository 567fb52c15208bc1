package io.flota.unitctl.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What comes out of tars, honest and hostile ones.
class ReceivedFilesTest {
    @TempDir
    private Path directory;

    private Path here;
    private final List<String> leftOut = new ArrayList<>();

    @BeforeEach
    void makeFolder() throws IOException {
        here = Files.createDirectory(directory.resolve("here"));
    }

    /// A tar that says anything.
    private static final class Tar {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);

        Tar file(String name, String content, int mode) throws IOException {
            var entry = new TarArchiveEntry(name, true);
            entry.setMode(mode);
            entry.setSize(content.length());
            tar.putArchiveEntry(entry);
            tar.write(content.getBytes(StandardCharsets.US_ASCII));
            tar.closeArchiveEntry();
            return this;
        }

        Tar folder(String name) throws IOException {
            tar.putArchiveEntry(new TarArchiveEntry(name + "/", true));
            tar.closeArchiveEntry();
            return this;
        }

        Tar link(String name, byte kind, String target) throws IOException {
            var entry = new TarArchiveEntry(name, kind, true);
            entry.setLinkName(target);
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
            return this;
        }

        byte[] bytes() throws IOException {
            tar.close();
            return bytes.toByteArray();
        }
    }

    private void receive(Tar tar, Path place) throws IOException {
        receive(tar.bytes(), place);
    }

    private void receive(byte[] tar, Path place) throws IOException {
        try (var files = new ReceivedFiles(place, leftOut::add)) {
            files.unpack(new ByteArrayInputStream(tar));
            files.moveIntoPlace();
        }
    }

    private List<String> found() throws IOException {
        try (var tree = Files.walk(directory)) {
            return tree.map(file -> directory.relativize(file).toString()).sorted().toList();
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void filesFoldersAndLinksKeepModesAndTimes() throws IOException {
        var source = Files.createDirectories(directory.resolve("source/folder"));
        Files.writeString(source.resolve("tool"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(source.resolve("tool"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(source.resolve("tool"), FileTime.fromMillis(1_700_000_000_000L));
        Files.createSymbolicLink(source.resolve("link"), Path.of("tool"));
        Files.writeString(source.resolve("n".repeat(200) + "é"), "long");
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("r-xr-x---"));
        var tar = new ByteArrayOutputStream();
        PackedFiles.write(source.getParent(), "other", tar, leftOut::add);

        receive(tar.toByteArray(), here.resolve("copy"));

        var copy = here.resolve("copy/folder");
        assertThat(mode(copy.resolve("tool"))).isEqualTo("rwxr-x--x");
        assertThat(mode(copy)).isEqualTo("r-xr-x---");
        assertThat(Files.getLastModifiedTime(copy.resolve("tool")).toMillis()).isEqualTo(1_700_000_000_000L);
        assertThat(Files.readSymbolicLink(copy.resolve("link"))).isEqualTo(Path.of("tool"));
        assertThat(copy.resolve("n".repeat(200) + "é")).hasContent("long");
        assertThat(leftOut).isEmpty();
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwx------"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "x/../../evil", "/etc/evil", "x/a/../../../evil", "evil", "..", "x/\u001b[31m/../y"})
    void namesThatLeadElsewhereAreRefusedAndNothingIsCopied(String name) throws IOException {
        var tar = new Tar().folder("x").file("x/good", "good", 0644).file(name, "evil", 0644);

        assertThatThrownBy(() -> receive(tar, here.resolve("x")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("refused, for the name \"")
                .satisfies(e -> assertThat(e.getMessage().chars()).noneMatch(Character::isISOControl));

        assertThat(found()).containsExactly("", "here");
    }

    @Test
    void nothingIsWrittenThroughLinks() throws IOException {
        var outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");

        for (var tar : List.of(
                new Tar().folder("x").link("x/way", TarConstants.LF_SYMLINK, outside.toString())
                        .file("x/way/evil", "evil", 0644),
                new Tar().folder("x").link("x/secret", TarConstants.LF_LINK, outside + "/secret"),
                new Tar().folder("x").link("x/secret", TarConstants.LF_LINK, "x/../../outside/secret"),
                new Tar().folder("x").link("x/way", TarConstants.LF_SYMLINK, outside + "/secret")
                        .link("x/secret", TarConstants.LF_LINK, "x/way"),
                new Tar().link("x", TarConstants.LF_SYMLINK, outside.toString()).file("x/evil", "evil", 0644),
                new Tar().folder("x").link("x/a", TarConstants.LF_SYMLINK, outside + "/new").file("x/a", "evil", 0644))) {
            assertThatThrownBy(() -> receive(tar, here.resolve("x")))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("refused, ");
        }

        assertThat(found()).containsExactly("", "here", "outside", "outside/secret");
        assertThat(outside.resolve("secret")).hasContent("secret");
    }

    @Test
    void nobodyGetsTheRightsOfWhoeverReceivesNorADevice() throws IOException {
        receive(
                new Tar().folder("x").file("x/suid", "", 06755).link("x/disk", TarConstants.LF_BLK, "")
                        .link("x/pipe", TarConstants.LF_FIFO, ""),
                here.resolve("x"));

        assertThat((int) Files.getAttribute(here.resolve("x/suid"), "unix:mode") & 07777).isEqualTo(0755);
        assertThat(found()).containsExactly("", "here", "here/x", "here/x/suid");
        assertThat(leftOut).hasSize(2).allMatch(line -> line.startsWith("left out x/"));
    }

    @Test
    void aTarThatEndsEarlyLeavesWhatWasThere() throws IOException {
        Files.writeString(here.resolve("x"), "before");
        var whole = new Tar().file("x", "a".repeat(5000), 0644).bytes();
        var part = java.util.Arrays.copyOf(whole, 3000);

        assertThatThrownBy(() -> receive(part, here.resolve("x"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> receive(new byte[0], here.resolve("x"))).hasMessage("nothing came");

        assertThat(here.resolve("x")).hasContent("before");
        assertThat(found()).containsExactly("", "here", "here/x");
    }

    @Test
    void aFolderIsMergedIntoOneThatIsThere() throws IOException {
        Files.createDirectories(here.resolve("x/old"));
        Files.writeString(here.resolve("x/same"), "before");

        receive(new Tar().folder("x").file("x/same", "after", 0644).folder("x/new").file("x/new/a", "a", 0644)
                .folder("x/old").file("x/old/b", "b", 0600), here.resolve("x"));

        assertThat(found()).containsExactly(
                "", "here", "here/x", "here/x/new", "here/x/new/a", "here/x/old", "here/x/old/b", "here/x/same");
        assertThat(here.resolve("x/same")).hasContent("after");
        assertThat(mode(here.resolve("x/new"))).isEqualTo("rwxr-xr-x");
    }

    @Test
    void aFileAndAFolderDoNotTakeEachOthersPlace() throws IOException {
        Files.createDirectory(here.resolve("folder"));
        Files.writeString(here.resolve("file"), "before");

        assertThatThrownBy(() -> receive(new Tar().file("x", "", 0644), here.resolve("folder")))
                .hasMessage(here.resolve("folder") + " is a folder");
        assertThatThrownBy(() -> receive(new Tar().folder("x"), here.resolve("file")))
                .hasMessage(here.resolve("file") + " is no folder");

        assertThat(here.resolve("file")).hasContent("before");
    }
}
