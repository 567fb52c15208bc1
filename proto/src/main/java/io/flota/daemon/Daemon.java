package io.flota.daemon;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.store.Store;
import java.io.IOException;
import java.time.Duration;

/// A daemon, which has its process for itself or shares it with others: annotated for picocli, and found by
/// [java.util.ServiceLoader] where it is to be a part of `flotad`.
public interface Daemon {
    /// As in messages and in names of options: `agent`.
    String shortName();

    String version();

    /// Its settings file's name in `/etc/flota`.
    String settingsFile();

    DaemonOptions process();

    EtcdOptions etcd();

    ListenOptions protection();

    /// Those that [Working#adopt] takes over, without dashes.
    ImmutableSortedSet<String> changeable();

    /// Once the options are filled, and before all else.
    ///
    /// @return the settings, in words, for the log; without secrets
    /// @throws SettingsException with every problem
    String check() throws SettingsException;

    /// Works from now on. The store stays the caller's.
    ///
    /// @throws IOException whose message is a line for the operator
    Working start(Store store) throws IOException;

    /// What a process is told to end for.
    enum Ending {
        /// By the settings, SIGTERM or SIGINT.
        STOP,
        /// Another one is about to take over, SIGUSR1.
        REPLACED
    }

    /// A daemon at work.
    interface Working extends AutoCloseable {
        /// How long [#stop] may take at most, by the settings.
        Duration stopLimit();

        /// Takes over what can change while it works, of settings that have been checked.
        void adopt(Daemon next);

        /// Ends its work.
        ///
        /// @return whether it ended as it was to
        boolean stop(Ending ending) throws InterruptedException;

        /// Lets go of what it has, after [#stop] or without it.
        @Override
        void close();
    }
}
