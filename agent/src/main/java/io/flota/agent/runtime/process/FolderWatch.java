package io.flota.agent.runtime.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchService;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells which files of a folder are new or were written to.
public final class FolderWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FolderWatch.class);

    private final WatchService service;

    private FolderWatch(WatchService service) {
        this.service = service;
    }

    /// @param changed is given the names; an empty set: any of them
    public static FolderWatch start(Path folder, Consumer<Set<Path>> changed) throws IOException {
        var service = FileSystems.getDefault().newWatchService();
        folder.register(service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
        var watch = new FolderWatch(service);
        Thread.ofVirtual().name("watch-" + folder.getFileName()).start(() -> watch.run(changed));
        return watch;
    }

    private void run(Consumer<Set<Path>> changed) {
        try {
            while (true) {
                var key = service.take();
                var names = new LinkedHashSet<Path>();
                boolean overflow = false;
                for (WatchEvent<?> event : key.pollEvents()) {
                    if (event.context() instanceof Path name) {
                        names.add(name);
                    } else {
                        overflow = true;
                    }
                }
                key.reset();
                tell(changed, overflow ? Set.of() : names);
            }
        } catch (ClosedWatchServiceException _) {
            return; // closed: there is nothing more to tell
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// One bad file must not make us deaf for all others.
    private static void tell(Consumer<Set<Path>> changed, Set<Path> names) {
        try {
            changed.accept(names);
        } catch (RuntimeException e) {
            log.error("news of files could not be taken in names={}", names, e);
        }
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
