package io.flota.store;

import io.flota.tls.PemFiles;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How to reach etcd.
///
/// @param endpoints one URI for each member, `http://host:port` or `https://host:port`
/// @param tls what `https` needs beyond the certificate authorities that the JDK trusts; followed when the files change
/// @param callTimeout how long one call to one member may take
public record EtcdSettings(List<URI> endpoints, Optional<PemFiles> tls, Optional<Login> login, Duration callTimeout) {
    /// Longer than a member takes to write to a slow disk, shorter than an operator's patience.
    public static final Duration DEFAULT_CALL_TIMEOUT = Duration.ofMillis(1500);

    /// A user of etcd's role based access control.
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return "Login[user=" + user + "]";
        }
    }

    /// @throws IllegalArgumentException if there is no endpoint, or one is no http or https URI with a host
    public EtcdSettings {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("no etcd endpoint is given; try http://127.0.0.1:2379");
        }
        for (URI endpoint : endpoints) {
            check(endpoint);
        }
    }

    /// Plain settings: no TLS files, no login, the default timeout.
    public static EtcdSettings of(List<URI> endpoints) {
        return new EtcdSettings(endpoints, Optional.empty(), Optional.empty(), DEFAULT_CALL_TIMEOUT);
    }

    /// The members that are reached in plain text.
    public List<URI> inPlainText() {
        return endpoints.stream().filter(endpoint -> !isSecure(endpoint)).toList();
    }

    static boolean isSecure(URI endpoint) {
        return endpoint.getScheme().toLowerCase(Locale.ROOT).equals("https");
    }

    private static void check(URI endpoint) {
        String scheme = Optional.ofNullable(endpoint.getScheme()).orElse("").toLowerCase(Locale.ROOT);
        boolean known = scheme.equals("http") || scheme.equals("https");
        if (!known || endpoint.getHost() == null) {
            throw new IllegalArgumentException(
                    "\"" + endpoint + "\" is not an etcd endpoint; write it as http://host:2379 or https://host:2379");
        }
    }
}
