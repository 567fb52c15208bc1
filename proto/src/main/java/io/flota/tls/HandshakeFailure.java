package io.flota.tls;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/// Why two parties did not come to terms, in an operator's words.
public final class HandshakeFailure {
    private static final int LONGEST_CHAIN = 20;
    private static final String ALERT = "Received fatal alert: ";
    /// What the JDK and Netty say of bytes that are no TLS.
    private static final List<String> NO_TLS = List.of(
            "not an SSL/TLS record",
            "plaintext connection?",
            "unrecognized SSL message",
            "Unrecognized record version");

    private HandshakeFailure() {}

    /// One line about "the other side"; empty if TLS is not to blame.
    public static Optional<String> because(Throwable failure) {
        var causes = new ArrayList<Throwable>();
        for (var cause = failure; cause != null && causes.size() < LONGEST_CHAIN; cause = cause.getCause()) {
            causes.add(cause);
        }
        // The innermost knows best.
        for (var cause : causes.reversed()) {
            var said = ofCertificate(cause);
            if (said.isPresent()) {
                return said;
            }
        }
        return causes.stream()
                .filter(SSLException.class::isInstance)
                .findFirst()
                .map(cause -> ofProtocol(firstLine(cause)));
    }

    private static Optional<String> ofCertificate(Throwable cause) {
        return switch (cause) {
            case CertificateExpiredException _ ->
                Optional.of("the certificate of the other side has expired (" + firstLine(cause) + ")");
            case CertificateNotYetValidException _ ->
                Optional.of("the certificate of the other side is not valid yet (" + firstLine(cause) + ")");
            case CertPathBuilderException _, CertPathValidatorException _ ->
                Optional.of("the certificate of the other side is not of our CA");
            case CertificateException e when firstLine(e).startsWith("No ") ->
                Optional.of("the certificate of the other side is for another host: " + firstLine(e));
            default -> Optional.empty();
        };
    }

    private static String ofProtocol(String said) {
        int alert = said.indexOf(ALERT);
        if (alert >= 0) {
            return ofAlert(said.substring(alert + ALERT.length()));
        }
        if (NO_TLS.stream().anyMatch(said::contains)) {
            return "the other side does not speak TLS";
        }
        return said.contains("Empty client certificate chain") ? "the other side showed no certificate" : said;
    }

    private static String ofAlert(String alert) {
        return switch (alert) {
            case "certificate_required" -> "the other side wants a certificate of its CA, and was shown none";
            case "certificate_unknown", "bad_certificate", "unknown_ca", "unsupported_certificate" ->
                "the other side does not accept our certificate: it is of another CA, or has expired;"
                        + " its log says more";
            case "certificate_expired" -> "the other side says that our certificate has expired";
            default -> "the other side refused TLS: " + alert;
        };
    }

    private static String firstLine(Throwable failure) {
        return failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : failure.getMessage().lines().findFirst().orElse("");
    }
}
