package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.DockerClient;
import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.docker.EngineRefusedException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Docker's images. No image is pulled twice at the same time: who comes second waits for the first.
final class Images {
    private final DockerClient docker;
    private final DockerClient streams;
    private final Calls calls;
    private final RegistryCredentials credentials;
    private final Duration stall;
    private final ConcurrentHashMap<ImageReference, Pull> running = new ConcurrentHashMap<>();

    Images(DockerClient docker, DockerClient streams, Calls calls, RegistryCredentials credentials, Duration stall) {
        this.docker = docker;
        this.streams = streams;
        this.calls = calls;
        this.credentials = credentials;
        this.stall = stall;
    }

    /// @param digests as registries know it: `web@sha256:…`; none if it was made here
    record Seen(String id, ImmutableList<String> digests, long bytes) {}

    Optional<Seen> find(ImageReference image) throws EngineException, InterruptedException {
        try {
            return Optional.of(calls.ask("inspect image " + image, () -> {
                var seen = docker.inspectImageCmd(image.toString()).exec();
                return new Seen(
                        seen.getId(),
                        ImmutableList.copyOf(Optional.ofNullable(seen.getRepoDigests()).orElse(List.of())),
                        Optional.ofNullable(seen.getSize()).orElse(0L));
            }));
        } catch (EngineRefusedException e) {
            if (e.reason() == Reason.NO_IMAGE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// Sees to it that the machine has an image, as a unit wants it.
    ///
    /// @throws EngineRefusedException if it cannot be had; it is not tried again by itself
    Seen provide(ImageReference image, PullPolicy policy, Consumer<PullProgress> progress)
            throws EngineException, InterruptedException {
        var here = policy == PullPolicy.ALWAYS ? Optional.<Seen>empty() : find(image);
        switch (policy) {
            case MISSING, NEVER -> {
                if (here.isPresent()) {
                    return here.get();
                }
                if (policy == PullPolicy.NEVER) {
                    throw new EngineRefusedException(
                            Reason.NO_IMAGE, "image " + image + " is not on this machine, and Pull=never", null);
                }
                pull(image, progress);
            }
            case ALWAYS -> pull(image, progress);
            case NEWER -> {
                try {
                    pull(image, progress);
                } catch (EngineRefusedException e) {
                    if (here.isPresent()) {
                        return here.get();
                    }
                    throw e;
                }
            }
        }
        return find(image).orElseThrow(() -> new EngineRefusedException(
                Reason.NO_IMAGE, "image " + image + " was pulled, and is gone again", null));
    }

    private void pull(ImageReference image, Consumer<PullProgress> progress)
            throws EngineException, InterruptedException {
        var mine = new Pull(image, calls, stall);
        mine.watch(progress);
        var first = running.putIfAbsent(image, mine);
        if (first != null) {
            first.watch(progress);
            first.await();
            return;
        }
        try {
            var command = streams.pullImageCmd(image.repository()).withTag(image.version());
            credentials.of(image).ifPresent(command::withAuthConfig);
            command.exec(mine);
            mine.await();
        } catch (IOException e) {
            var refusal = new EngineRefusedException(Reason.DENIED, e.getMessage(), e);
            mine.refused(refusal);
            throw refusal;
        } finally {
            running.remove(image, mine);
            Quietly.close(mine);
        }
    }
}
