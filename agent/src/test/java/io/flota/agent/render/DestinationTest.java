package io.flota.agent.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// In a folder that somebody else may write as well.
class DestinationTest {
    @TempDir
    private Path folder;

    private Path file;
    private Path other;

    @BeforeEach
    void make() throws IOException {
        file = Files.writeString(folder.resolve("x"), "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        other = Files.writeString(folder.resolve("secret"), "secret");
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-------"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLinkInPlaceOfTheNextVersionGivesAwayNothing(boolean isThere) throws IOException {
        var next = Files.createSymbolicLink(folder.resolve(".x.flota.next"), other);
        var old = isThere
                ? Optional.of(Files.readAttributes(file, PosixFileAttributes.class))
                : Optional.<PosixFileAttributes>empty();

        assertThatThrownBy(() -> Destination.own(next, old)).isInstanceOf(IOException.class);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(other))).isEqualTo("rw-------");
    }

    @Test
    void aLinkInPlaceOfTheNextVersionDoesNotChangeItsOwner() throws IOException {
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
        var next = Files.createSymbolicLink(folder.resolve(".x.flota.next"), other);
        Files.setAttribute(file, "unix:uid", 12345);
        Files.setAttribute(file, "unix:gid", 12345);
        var old = Files.readAttributes(file, PosixFileAttributes.class);

        assertThatThrownBy(() -> Destination.own(next, Optional.of(old))).isInstanceOf(IOException.class);

        assertThat(Files.getAttribute(other, "unix:uid")).isEqualTo(0);
        assertThat(Files.getAttribute(other, "unix:gid")).isEqualTo(0);
    }

    @Test
    void theNextVersionHasTheModeAndOwnerOfTheOldOne() throws IOException {
        boolean isRoot = System.getProperty("user.name").equals("root");
        int owner = isRoot ? 12345 : (Integer) Files.getAttribute(file, "unix:uid");
        Files.setAttribute(file, "unix:uid", owner);
        var destination = new Destination(file);
        Files.createSymbolicLink(folder.resolve(".x.flota.next"), other);

        destination.prepare(ByteString.copyFromUtf8("new"));
        destination.replace();

        assertThat(file).hasContent("new");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS)))
                .isEqualTo("rw-rw-rw-");
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(owner);
        assertThat(other).hasContent("secret");
    }

    @Test
    void whatIsOwedIsNotWrittenThroughALink() throws IOException {
        var destination = new Destination(file);
        var mark = Files.createSymbolicLink(folder.resolve(".x.flota.owed"), other);

        destination.setOwed(true);

        assertThat(destination.isOwed()).isTrue();
        assertThat(other).hasContent("secret");

        destination.setOwed(false);

        assertThat(destination.isOwed()).isFalse();
        assertThat(mark).doesNotExist();
        assertThat(other).hasContent("secret");
    }

    @Test
    void aLinkThatLeadsNowhereMakesNoFile() throws IOException {
        var nowhere = folder.resolve("nowhere");
        Files.createSymbolicLink(folder.resolve(".x.flota.owed"), nowhere);

        new Destination(file).setOwed(true);

        assertThat(nowhere).doesNotExist();
    }
}
