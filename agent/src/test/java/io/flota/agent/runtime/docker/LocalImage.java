package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// The image `web` of a test: busybox, from scratch.
record LocalImage(Path folder, URI socket) {
    private static final List<String> PROGRAMS = List.of("sh", "sleep", "echo", "cat", "test", "touch");

    void build() throws IOException {
        var bin = Files.createDirectories(folder.resolve("root/bin"));
        Files.createDirectories(folder.resolve("root/tmp"));
        Files.createDirectories(folder.resolve("root/etc"));
        Files.copy(Path.of("/usr/bin/busybox"), bin.resolve("busybox"));
        for (var program : PROGRAMS) {
            Files.createSymbolicLink(bin.resolve(program), Path.of("busybox"));
        }
        Files.writeString(folder.resolve("root/etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
        Files.writeString(folder.resolve("Dockerfile"), "FROM scratch\nADD root /\nCMD [\"sleep\", \"1000\"]\n");
        try (var docker = client(socket)) {
            docker.buildImageCmd(folder.toFile())
                    .withTags(Set.of("web:latest"))
                    .exec(new BuildImageResultCallback())
                    .awaitImageId();
        }
    }

    static DockerClient client(URI socket) {
        var config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost(socket.toString())
                .withDockerTlsVerify(false)
                .build();
        return DockerClientImpl.getInstance(
                config, new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build());
    }
}
