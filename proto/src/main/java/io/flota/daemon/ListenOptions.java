package io.flota.daemon;

import io.flota.store.EtcdSettings;
import io.flota.tls.PemFiles;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/// The options that say how a daemon's listeners are protected. There is no authentication but TLS with certificates of
/// the cluster's CA on both sides, so whoever reaches a listener without it may do everything: hence [#check]'s rule.
public final class ListenOptions {
    private static final Logger LOG = LoggerFactory.getLogger(ListenOptions.class);

    @Option(
            names = "--tls-ca-file",
            paramLabel = "FILE",
            description = "certificate authority of the cluster (PEM): who shows no certificate of it is refused")
    Optional<Path> caFile = Optional.empty();

    @Option(names = "--tls-cert-file", paramLabel = "FILE", description = "certificate of this daemon (PEM)")
    Optional<Path> certFile = Optional.empty();

    @Option(names = "--tls-key-file", paramLabel = "FILE", description = "its private key (PEM, PKCS #8)")
    Optional<Path> keyFile = Optional.empty();

    @Option(
            names = "--insecure",
            fallbackValue = "true", // or picocli takes the flag for the opposite of what the settings file says
            description = "listen beyond loopback without TLS: whoever reaches it rules the cluster")
    boolean insecure;

    /// The TLS files, if given.
    public Optional<PemFiles> tls() {
        return caFile.isPresent() && certFile.isPresent() && keyFile.isPresent()
                ? Optional.of(PemFiles.mutual(caFile.get(), certFile.get(), keyFile.get()))
                : Optional.empty();
    }

    /// Whether the operator accepts that anybody may reach a listener.
    public boolean isInsecure() {
        return insecure;
    }

    /// Refuses listeners that would be open to others: an address beyond loopback needs TLS files or `--insecure`.
    ///
    /// @param listeners option name to its address
    /// @throws SettingsException with every problem
    public void check(Map<String, ListenAddress> listeners) throws SettingsException {
        var problems = new ArrayList<>(fileProblems());
        new TreeMap<>(listeners).forEach((option, address) -> {
            try {
                boolean loopback = address.resolve().getAddress().isLoopbackAddress();
                if (!loopback && !anyFile() && !insecure) {
                    problems.add(option + " " + address + " is beyond loopback, where anybody could rule the cluster:"
                            + " give --tls-ca-file, --tls-cert-file and --tls-key-file, or accept it with --insecure");
                }
            } catch (UnknownHostException _) {
                problems.add(option + " " + address + ": no such host \"" + address.host() + "\"");
            }
        });
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
    }

    /// Warns, once, of a back door: the listeners ask everybody for a certificate, and etcd, which holds all that they
    /// protect, asks us for none.
    public void warnOfOpen(EtcdSettings etcd) {
        var open = etcd.inPlainText();
        if (tls().isPresent() && !open.isEmpty()) {
            LOG.warn("the listeners ask for certificates, but etcd is reached in plain text: whoever reaches it rules the"
                    + " cluster; give it certificates and write https endpoints={}", open);
        }
    }

    private boolean anyFile() {
        return Stream.of(caFile, certFile, keyFile).anyMatch(Optional::isPresent);
    }

    private List<String> fileProblems() {
        if (anyFile() && tls().isEmpty()) {
            return List.of("--tls-ca-file, --tls-cert-file and --tls-key-file belong together: give all three");
        }
        return tls().map(files -> TlsFileCheck.problemsOfListener("--tls", files)).orElse(List.of());
    }
}
