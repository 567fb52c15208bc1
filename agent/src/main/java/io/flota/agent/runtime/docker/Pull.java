package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem.ProgressDetail;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// One pull under way, which several may wait for.
final class Pull extends StreamCallback<PullResponseItem> {
    private final String what;
    private final Calls calls;
    private final Duration stall;
    private final List<Consumer<PullProgress>> watchers = new CopyOnWriteArrayList<>();
    private final AtomicLong heard = new AtomicLong();
    private final AtomicReference<Optional<EngineRefusedException>> refusal = new AtomicReference<>(Optional.empty());

    Pull(ImageReference image, Calls calls, Duration stall) {
        this.what = "pull image " + image;
        this.calls = calls;
        this.stall = stall;
    }

    void watch(Consumer<PullProgress> progress) {
        watchers.add(progress);
    }

    /// Waits until it is done.
    ///
    /// @throws EngineAwayException if nothing was heard of it for too long
    void await() throws EngineException, InterruptedException {
        long before = heard.get();
        while (!awaitEnd(stall)) {
            if (heard.get() == before) {
                throw calls.failed(what, new IOException("no progress for " + stall.toMillis() + " ms"));
            }
            before = heard.get();
        }
        if (refusal.get().isPresent()) {
            throw refusal.get().get();
        }
        if (failure().isPresent()) {
            throw calls.failed(what, failure().get());
        }
    }

    /// It could not even be begun, or the registry has said why not.
    void refused(EngineRefusedException because) {
        refusal.compareAndSet(Optional.empty(), Optional.of(because));
        onComplete();
    }

    @Override
    public void onNext(PullResponseItem item) {
        heard.incrementAndGet();
        if (item.getErrorDetail() != null) {
            refused(EngineRefusedException.of(what, 0, String.valueOf(item.getErrorDetail().getMessage()), null));
            return;
        }
        var detail = Optional.ofNullable(item.getProgressDetail());
        var progress = new PullProgress(
                Optional.ofNullable(item.getId()).orElse(""), Optional.ofNullable(item.getStatus()).orElse(""),
                detail.map(ProgressDetail::getCurrent).orElse(0L), detail.map(ProgressDetail::getTotal).orElse(0L));
        watchers.forEach(watcher -> watcher.accept(progress));
    }
}
