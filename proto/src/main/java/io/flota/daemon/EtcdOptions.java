package io.flota.daemon;

import io.flota.store.EtcdSettings;
import io.flota.store.EtcdSettings.Login;
import io.flota.tls.PemFiles;
import io.flota.tls.PemFiles.Identity;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The options that say where etcd is, and under which prefix this cluster lives in it.
public final class EtcdOptions {
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);
    /// With more, a member that hangs would keep a lease from being renewed at the others.
    private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(10);

    @Option(
            names = "--etcd-endpoints",
            paramLabel = "URL",
            split = ",",
            defaultValue = "http://127.0.0.1:2379",
            description = "etcd's client URLs (default: ${DEFAULT-VALUE})")
    public List<URI> endpoints = List.of();

    @Option(names = "--etcd-ca-file", paramLabel = "FILE", description = "certificate authority of etcd (PEM)")
    public Optional<Path> caFile = Optional.empty();

    @Option(names = "--etcd-cert-file", paramLabel = "FILE", description = "client certificate for etcd (PEM)")
    public Optional<Path> certFile = Optional.empty();

    @Option(names = "--etcd-key-file", paramLabel = "FILE", description = "its private key (PEM, PKCS #8)")
    public Optional<Path> keyFile = Optional.empty();

    @Option(names = "--etcd-user", paramLabel = "NAME", description = "user of etcd")
    public Optional<String> user = Optional.empty();

    @Option(names = "--etcd-password-file", paramLabel = "FILE", description = "file that holds the user's password")
    public Optional<Path> passwordFile = Optional.empty();

    @Option(
            names = "--etcd-password",
            paramLabel = "PASSWORD",
            description = "the password itself, for the environment and settings files; on a command line all can read it")
    public Optional<String> password = Optional.empty();

    @Option(
            names = "--etcd-request-timeout",
            paramLabel = "TIME",
            defaultValue = "1500ms",
            description = "how long one member may take to answer; 100ms to 10s (default: ${DEFAULT-VALUE})")
    public Duration requestTimeout = EtcdSettings.DEFAULT_CALL_TIMEOUT;

    @Option(
            names = "--key-prefix",
            paramLabel = "PREFIX",
            defaultValue = "/flota/v1/",
            description = "where this cluster lives in etcd; ends in a slash (default: ${DEFAULT-VALUE})")
    public String keyPrefix = "/flota/v1/";

    /// How to reach etcd, once [#problems] has found nothing.
    ///
    /// @throws SettingsException if the password cannot be read
    public EtcdSettings settings() throws SettingsException {
        return new EtcdSettings(endpoints, tls(), login(), requestTimeout);
    }

    private Optional<PemFiles> tls() {
        Optional<Identity> identity = certFile.flatMap(cert -> keyFile.map(key -> new Identity(cert, key)));
        return caFile.isPresent() || identity.isPresent()
                ? Optional.of(new PemFiles(caFile, identity))
                : Optional.empty();
    }

    private Optional<Login> login() throws SettingsException {
        if (user.isEmpty() || passwordFile.isEmpty()) {
            return user.flatMap(name -> password.map(word -> new Login(name, word)));
        }
        try {
            return Optional.of(new Login(user.get(), Files.readString(passwordFile.get()).strip()));
        } catch (IOException e) {
            throw new SettingsException(List.of("--etcd-password-file " + passwordFile.get() + " cannot be read: "
                    + SettingsFile.reason(e)));
        }
    }

    /// What is wrong with these options; empty if nothing is.
    public List<String> problems() {
        var problems = new ArrayList<String>();
        for (URI endpoint : endpoints) {
            boolean scheme = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
            if (!scheme || endpoint.getHost() == null || endpoint.getPort() < 0) {
                problems.add("--etcd-endpoints " + endpoint + " is not http://HOST:PORT or https://HOST:PORT");
            }
        }
        if (certFile.isPresent() != keyFile.isPresent()) {
            problems.add("--etcd-cert-file and --etcd-key-file belong together: give both");
        }
        if (user.isPresent() != (passwordFile.isPresent() || password.isPresent())) {
            problems.add("--etcd-user and --etcd-password-file belong together: give both");
        }
        if (requestTimeout.compareTo(SHORTEST_TIMEOUT) < 0 || requestTimeout.compareTo(LONGEST_TIMEOUT) > 0) {
            problems.add("--etcd-request-timeout " + requestTimeout.toMillis() + "ms is not between 100ms and 10s");
        }
        if (!keyPrefix.startsWith("/") || !keyPrefix.endsWith("/")) {
            problems.add("--key-prefix " + keyPrefix + " must start and end in a slash");
        }
        tls().ifPresent(files -> problems.addAll(TlsFileCheck.problems("--etcd", files)));
        tls().filter(_ -> endpoints.stream().noneMatch(endpoint -> "https".equals(endpoint.getScheme())))
                .ifPresent(_ -> problems.add("--etcd-endpoints are all http://, so the TLS files for etcd are for"
                        + " nothing: write https://HOST:PORT"));
        passwordFile.filter(path -> !Files.isReadable(path))
                .ifPresent(path -> problems.add("--etcd-password-file " + path + " cannot be read"));
        return problems;
    }
}
