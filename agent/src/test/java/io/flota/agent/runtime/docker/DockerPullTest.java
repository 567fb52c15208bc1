package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import io.flota.agent.runtime.docker.EngineRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Pulls from a registry that wants to know who asks.
class DockerPullTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String NAME = "127.0.0.1:5000/test/web";
    private static final ImageReference IMAGE = ImageReference.parse(NAME + ":1");

    @RegisterExtension
    static final OwnDocker DOCKER = new OwnDocker();

    private static Process registry;

    private final Images images = DOCKER.engine().images();

    @BeforeAll
    static void startRegistry() throws IOException {
        registry = TestRegistry.start(DOCKER);
    }

    @AfterAll
    static void stopRegistry() {
        registry.children().forEach(ProcessHandle::destroyForcibly);
    }

    @AfterEach
    void forget() throws IOException {
        Files.deleteIfExists(DOCKER.folder().resolve("hold"));
        Files.deleteIfExists(DOCKER.folder().resolve("requests"));
        Files.deleteIfExists(config());
        try (DockerClient docker = LocalImage.client(DOCKER.socket())) {
            docker.listImagesCmd().exec().stream()
                    .filter(image -> image.getRepoTags() == null || !image.getRepoTags()[0].equals("web:latest"))
                    .forEach(image -> docker.removeImageCmd(image.getId()).withForce(true).exec());
        }
    }

    @Test
    void whoIsNotKnownIsDeniedAndWhoIsGetsTheImageWithItsDigest() throws Exception {
        var denied = catchThrowableOfType(
                EngineRefusedException.class, () -> images.provide(IMAGE, PullPolicy.MISSING, _ -> {}));
        TestRegistry.logIn(DOCKER);
        var progress = new CopyOnWriteArrayList<PullProgress>();

        var seen = images.provide(IMAGE, PullPolicy.MISSING, progress::add);

        var digest = Files.readString(DOCKER.folder().resolve("digest"));
        assertThat(denied.reason()).isEqualTo(Reason.DENIED);
        assertThat(seen.digests()).containsExactly(NAME + "@" + digest);
        assertThat(progress).extracting(PullProgress::status).contains("Pull complete");
        assertThat(progress).filteredOn(step -> step.status().equals("Pull complete"))
                .allSatisfy(step -> assertThat(step.layer()).isNotEmpty());
        assertThat(images.find(ImageReference.parse(NAME + "@" + digest))).contains(seen);
    }

    @Test
    void anImageIsPulledByItsDigest() throws Exception {
        TestRegistry.logIn(DOCKER);
        var digest = Files.readString(DOCKER.folder().resolve("digest"));

        var seen = images.provide(ImageReference.parse(NAME + ":old@" + digest), PullPolicy.MISSING, _ -> {});

        assertThat(seen.digests()).containsExactly(NAME + "@" + digest);
    }

    @Test
    void whatTheRegistryDoesNotHaveIsSaid() throws Exception {
        TestRegistry.logIn(DOCKER);

        assertThat(catchThrowableOfType(EngineRefusedException.class, () ->
                                images.provide(ImageReference.parse(NAME + ":2"), PullPolicy.MISSING, _ -> {}))
                        .reason())
                .isEqualTo(Reason.NO_IMAGE);
    }

    @Test
    void whoComesSecondWaitsForTheFirst() throws Exception {
        TestRegistry.logIn(DOCKER);
        Files.createFile(DOCKER.folder().resolve("hold"));
        var progress = new CopyOnWriteArrayList<PullProgress>();
        var first = new FutureTask<>(() -> images.provide(IMAGE, PullPolicy.MISSING, _ -> {}));
        var second = new FutureTask<>(() -> images.provide(IMAGE, PullPolicy.MISSING, progress::add));

        Thread.startVirtualThread(first);
        await().atMost(LONG).until(() -> requests().stream().anyMatch(request -> request.contains("/blobs/")));
        var before = requests();
        var waiting = Thread.startVirtualThread(second);
        await().atMost(LONG).until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        assertThat(manifests(requests())).isEqualTo(manifests(before));
        Files.delete(DOCKER.folder().resolve("hold"));

        assertThat(second.get()).isEqualTo(first.get());
        assertThat(manifests(requests())).isEqualTo(manifests(before));
        assertThat(progress).extracting(PullProgress::status).contains("Pull complete");
    }

    @Test
    void newerAsksTheRegistryAndTakesWhatIsThereWithoutIt() throws Exception {
        TestRegistry.logIn(DOCKER);
        var seen = images.provide(IMAGE, PullPolicy.NEWER, _ -> {});
        var before = manifests(requests());

        assertThat(images.provide(IMAGE, PullPolicy.NEWER, _ -> {})).isEqualTo(seen);
        assertThat(manifests(requests())).isGreaterThan(before);
        Files.delete(config());
        assertThat(images.provide(IMAGE, PullPolicy.NEWER, _ -> {})).isEqualTo(seen);
        assertThat(catchThrowableOfType(EngineRefusedException.class, () ->
                                images.provide(IMAGE, PullPolicy.ALWAYS, _ -> {}))
                        .reason())
                .isEqualTo(Reason.DENIED);
    }

    private static Path config() {
        return DOCKER.settings().config().resolve("config.json");
    }

    private static List<String> requests() throws IOException {
        var log = DOCKER.folder().resolve("requests");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private static long manifests(List<String> requests) {
        return requests.stream().filter(request -> request.contains("/manifests/")).count();
    }
}
