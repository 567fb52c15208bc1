package io.flota.unitctl.local;

import com.google.common.base.Splitter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// Where the programs are that a cluster is made of.
final class Programs {
    private Programs() {}

    /// The folder of the start scripts; unitctl's own tells where that is.
    static Path folder() throws LocalException {
        var home = Optional.ofNullable(System.getProperty("flota.home"))
                .orElseThrow(() -> new LocalException("started without bin/unitctl: where is flota-agent?"));
        return Path.of(home).toAbsolutePath().normalize().resolve("bin");
    }

    static String etcd() throws LocalException {
        var path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        var folders = StreamSupport.stream(Splitter.on(':').omitEmptyStrings().split(path).spliterator(), false);
        return Stream.concat(folders, Stream.of("/usr/bin", "/usr/local/bin"))
                .map(folder -> Path.of(folder, "etcd"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElseThrow(() -> new LocalException(
                        "no etcd on PATH: `apt install etcd-server`, or say where it is with --etcd-binary"));
    }
}
