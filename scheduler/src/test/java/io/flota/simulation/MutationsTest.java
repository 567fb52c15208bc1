package io.flota.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The guarantees that are broken on purpose by `src/test/mutations/run` can still be broken that way.
class MutationsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<Path> CLASS_PATH = Splitter.on(File.pathSeparator)
            .splitToStream(System.getProperty("java.class.path"))
            .map(Path::of)
            .toList();

    @TempDir
    Path folder;

    static Stream<Mutation> all() throws IOException {
        return Mutation.in(ROOT.resolve("scheduler/src/test/mutations")).stream();
    }

    @Test
    void thereAreTwelveMutationsOrMore() throws IOException {
        assertThat(all()).hasSizeGreaterThanOrEqualTo(12);
    }

    @ParameterizedTest
    @MethodSource("all")
    void aMutationFitsTheCodeAndCompiles(Mutation mutation) throws Exception {
        var sources = mutation.apply(ROOT, folder.resolve("source"));
        mutation.compile(sources, CLASS_PATH, folder.resolve("classes"));
        assertThat(folder.resolve("classes")).isNotEmptyDirectory();
    }
}
