package io.flota.unitctl.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/// One part of the cluster that can fail by itself: an etcd member, a scheduler, or a machine with all that it runs.
///
/// @param folder its log, pid and data
/// @param listens the first one is where it is asked whether it is there
record Node(
        String name,
        Kind kind,
        Path folder,
        ImmutableList<InetSocketAddress> listens,
        ImmutableList<String> command,
        ImmutableSortedMap<String, String> environment) {
    enum Kind {
        ETCD,
        SCHEDULER,
        MACHINE
    }

    Path log() {
        return folder.resolve("log");
    }

    String address() {
        var address = listens.getFirst();
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
