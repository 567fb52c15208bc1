package io.flota.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.CommandLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckTest {
    private static final List<Path> NEXT = List.of(Path.of("/etc/.a.conf.flota.next"));
    private static final List<String> PLACES = List.of("/etc/a.conf");

    @TempDir
    private Path folder;

    @Test
    void theLineThatNamesTheFileIsTold() {
        assertThat(Check.telling("""
                        nginx: [alert] could not open error log file
                        nginx: [emerg] unknown directive "x" in /etc/.a.conf.flota.next:3
                        nginx: configuration file /etc/.a.conf.flota.next test failed
                        """, NEXT, PLACES))
                .hasValue("nginx: [emerg] unknown directive \"x\" in /etc/a.conf:3");
    }

    @Test
    void elseTheFirstErrorElseTheLastLine() {
        assertThat(Check.telling("reading\n[ALERT] no\n[ALERT] Fatal errors\n", NEXT, PLACES)).hasValue("[ALERT] no");
        assertThat(Check.telling("one\ntwo\n\n", NEXT, PLACES)).hasValue("two");
        assertThat(Check.telling("", NEXT, PLACES)).isEmpty();
    }

    @Test
    void theNewFilesTakeTheirPlacesInTheCommand() throws Exception {
        var first = Files.writeString(folder.resolve("one"), "1");
        var second = Files.writeString(folder.resolve("two"), "2");

        assertThat(check("/bin/sh -c 'test \"$(cat {file} {file2})\" = 12'").refuses(List.of(first, second), List.of("a", "b")))
                .isEmpty();
        assertThat(check("/bin/sh -c 'cat {file1} {file2}; exit 3'").refuses(List.of(first, second), List.of("a", "b")))
                .hasValue("12");
        assertThat(check("/bin/sh -c 'exit 3'").refuses(List.of(first), List.of("a"))).hasValue("it ended with status 3");
        assertThat(check("-/bin/false").refuses(List.of(first), List.of("a"))).isEmpty();
    }

    @Test
    void aProgramThatIsNotThereIsSaid() {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> check("/nosuch").refuses(NEXT, PLACES)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/nosuch");
    }

    @Test
    void theEnvironmentIsTheGivenOne() throws Exception {
        var first = Files.writeString(folder.resolve("one"), "env | grep -vE '^(PWD|OLDPWD|SHLVL|_)='; exit 1");

        assertThat(check("/bin/sh {file}").refuses(List.of(first), List.of("a"))).hasValue("PATH=/usr/bin:/bin");
    }

    @Test
    void ofALongOutputTheEndIsRead() throws Exception {
        var first = Files.writeString(
                folder.resolve("one"), "echo an error; head -c 70000 /dev/zero | tr '\\0' '\\n'; echo the end; exit 1");

        assertThat(check("/bin/sh {file}").refuses(List.of(first), List.of("a"))).hasValue("the end");
    }

    private static Check check(String command) {
        return new Check(CommandLine.parse(command).getFirst(), ImmutableSortedMap.of("PATH", "/usr/bin:/bin"));
    }
}
