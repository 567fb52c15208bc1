package io.flota.unitctl.ca;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Signs the certificates of one cluster.
public record CertificateAuthority(Issued self) {
    /// For machines whose clocks are behind ours.
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private static final DateTimeFormatter START =
            DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss").withZone(ZoneOffset.UTC);

    /// A new one, with a name of its own, so that two authorities are never taken for one another.
    ///
    /// @param days for which it is valid
    /// @throws IOException if it cannot be made
    public static CertificateAuthority create(Instant now, int days) throws IOException {
        byte[] suffix = new byte[4];
        new SecureRandom().nextBytes(suffix);
        var options = new ArrayList<>(validity("flota-ca-" + HexFormat.of().formatHex(suffix), now, days));
        options.addAll(List.of("-ext", "bc:c=ca:true,pathlen:0", "-ext", "ku:c=keyCertSign,cRLSign"));
        return new CertificateAuthority(Keytool.generate(Optional.empty(), options));
    }

    /// A certificate that ends no later than the authority's own.
    ///
    /// @param subject letters, digits, dots and hyphens
    /// @param names by which others reach it; with none it is good for a client only
    /// @throws IOException if it cannot be made, also because the authority ends within a day
    public Issued issue(String subject, List<AlternativeName> names, Instant now, int days) throws IOException {
        var end = self.certificate().getNotAfter().toInstant();
        long left = Duration.between(start(now), end).toDays();
        if (left < 1) {
            throw new IOException("the authority ends at " + end + ": make another one");
        }
        var options = new ArrayList<>(validity(subject, now, (int) Math.min(left, days)));
        options.addAll(List.of("-ext", "ku:c=digitalSignature"));
        if (names.isEmpty()) {
            options.addAll(List.of("-ext", "eku=clientAuth"));
        } else {
            // Daemons call each other, and an etcd member its peers: each of them is a client, too.
            var all = names.stream().map(AlternativeName::argument).collect(Collectors.joining(","));
            options.addAll(List.of("-ext", "eku=serverAuth,clientAuth", "-ext", "san=" + all));
        }
        return Keytool.generate(Optional.of(self), options);
    }

    private static List<String> validity(String name, Instant now, int days) {
        return List.of(
                "-dname", "CN=" + name, "-startdate", START.format(start(now)), "-validity", Integer.toString(days));
    }

    private static Instant start(Instant now) {
        return now.minus(CLOCK_SKEW);
    }
}
