package io.flota.unitctl.local;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/// What a local cluster consists of. Kept in its folder, so that later commands find what `up` was told.
///
/// @param network the first three bytes of every address, such as `127.0.10`
/// @param portShift added to the usual ports, if those are taken on every loopback address
/// @param front where the first scheduler listens: 127.0.0.1 for the cluster that unitctl finds by itself
/// @param tls with certificates on both sides of every connection
/// @param metadata `k=v` for all machines, `machine-2:k=v` for one
/// @param environment lines for what stands in for /etc/environment on every machine
record ClusterSpec(
        int machines,
        int schedulers,
        int etcdMembers,
        String ttl,
        String network,
        int portShift,
        String front,
        String etcdBinary,
        boolean tls,
        ImmutableList<String> metadata,
        ImmutableList<String> environment,
        ImmutableList<String> agentOptions,
        ImmutableList<String> schedulerOptions) {
    private static final String FILE = "cluster.properties";
    private static final Splitter LINES = Splitter.on('\n').omitEmptyStrings();

    static boolean existsIn(Path folder) {
        return Files.exists(folder.resolve(FILE));
    }

    static ClusterSpec read(Path folder) throws IOException {
        var kept = new Properties();
        try (var in = Files.newBufferedReader(folder.resolve(FILE))) {
            kept.load(in);
        }
        return new ClusterSpec(
                Integer.parseInt(kept.getProperty("machines")),
                Integer.parseInt(kept.getProperty("schedulers")),
                Integer.parseInt(kept.getProperty("etcd")),
                kept.getProperty("ttl"),
                kept.getProperty("network"),
                Integer.parseInt(kept.getProperty("port-shift")),
                kept.getProperty("front"),
                kept.getProperty("etcd-binary"),
                Boolean.parseBoolean(kept.getProperty("tls")),
                list(kept.getProperty("metadata")),
                list(kept.getProperty("environment")),
                list(kept.getProperty("agent-options")),
                list(kept.getProperty("scheduler-options")));
    }

    private static ImmutableList<String> list(String lines) {
        return ImmutableList.copyOf(LINES.split(lines));
    }

    void write(Path folder) throws IOException {
        var kept = new Properties();
        kept.putAll(settings());
        var fresh = folder.resolve(FILE + ".new");
        try (var out = Files.newBufferedWriter(fresh)) {
            kept.store(out, null);
        }
        Files.move(fresh, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    }

    /// Every setting under the name of its option.
    Map<String, String> settings() {
        var settings = new TreeMap<String, String>();
        settings.put("machines", Integer.toString(machines));
        settings.put("schedulers", Integer.toString(schedulers));
        settings.put("etcd", Integer.toString(etcdMembers));
        settings.put("ttl", ttl);
        settings.put("network", network);
        settings.put("port-shift", Integer.toString(portShift));
        settings.put("front", front);
        settings.put("etcd-binary", etcdBinary);
        settings.put("tls", Boolean.toString(tls));
        settings.put("metadata", String.join("\n", metadata));
        settings.put("environment", String.join("\n", environment));
        settings.put("agent-options", String.join("\n", agentOptions));
        settings.put("scheduler-options", String.join("\n", schedulerOptions));
        return settings;
    }
}
