package io.flota.unitctl.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Both kinds of enclosure with real processes: a main one that has a child, and one that hides as daemons do.
class EnclosureTest {
    private static final String MAIN = """
            sleep 1000 & echo $! > child
            setsid sh -c 'sleep 1000 & echo $! > daemon' > /dev/null
            echo $$ > main.new && mv main.new main
            exec sleep 1000""";

    enum Kind {
        CGROUP,
        TREE
    }

    @TempDir
    Path folder;

    private final List<Enclosure> opened = new ArrayList<>();

    @AfterEach
    void endAll() throws Exception {
        for (var enclosure : opened) {
            enclosure.kill();
        }
        Enclosure.removeAll(folder, List.of());
    }

    @ParameterizedTest
    @EnumSource
    void killEndsEveryProcessOfTheNode(Kind kind) throws Exception {
        var enclosure = started(kind);
        var pids = pids();

        enclosure.kill();

        assertThat(pids).hasSize(3).noneMatch(EnclosureTest::runs);
        assertThat(enclosure.empty()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void pauseStopsEveryProcessAndResumeLetsThemRunOn(Kind kind) throws Exception {
        var enclosure = started(kind);

        enclosure.pause();
        boolean paused = enclosure.paused();
        enclosure.resume();

        assertThat(paused).isTrue();
        assertThat(enclosure.paused()).isFalse();
        assertThat(pids()).allMatch(EnclosureTest::runs);
    }

    @ParameterizedTest
    @EnumSource
    void aPausedNodeCanBeKilled(Kind kind) throws Exception {
        var enclosure = started(kind);
        enclosure.pause();

        enclosure.kill();

        assertThat(enclosure.empty()).isTrue();
        assertThat(enclosure.paused()).isFalse();
    }

    private Enclosure started(Kind kind) throws IOException {
        var node = new Node(
                "machine-1",
                Node.Kind.MACHINE,
                Files.createDirectories(folder.resolve("machine-1")),
                ImmutableList.of(new InetSocketAddress("127.0.0.1", 1)),
                ImmutableList.of("sh", "-c", MAIN),
                ImmutableSortedMap.of(TreeEnclosure.MARK, TreeEnclosure.mark(folder, "machine-1")));
        var enclosure =
                switch (kind) {
                    case CGROUP -> Enclosure.of(folder, node);
                    case TREE -> new TreeEnclosure(folder, node);
                };
        Assumptions.assumeTrue(kind == Kind.TREE || enclosure instanceof CgroupEnclosure, "no writable cgroup2 here");
        opened.add(enclosure);
        var builder = new ProcessBuilder(enclosure.wrap(node.command())).directory(node.folder().toFile());
        builder.environment().putAll(node.environment());
        builder.start();
        await().until(() -> Files.exists(node.folder().resolve("main")));
        return enclosure;
    }

    private List<Long> pids() throws IOException {
        var pids = new ArrayList<Long>();
        for (var name : List.of("main", "child", "daemon")) {
            pids.add(Long.parseLong(Files.readString(folder.resolve("machine-1").resolve(name)).strip()));
        }
        return pids;
    }

    private static boolean runs(long pid) {
        return LivePid.statOf(pid).filter(stat -> !Stream.of("Z", "X", "T").toList().contains(stat[0])).isPresent();
    }
}
