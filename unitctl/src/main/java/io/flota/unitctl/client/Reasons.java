package io.flota.unitctl.client;

import io.flota.tls.HandshakeFailure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/// What the JDK throws, in an operator's words.
final class Reasons {
    private Reasons() {}

    static String of(IOException failure) {
        return switch (failure) {
            case UnknownHostException _ -> "unknown host";
            case SocketTimeoutException _ -> "no answer in time";
            case SSLException tls -> "TLS: " + HandshakeFailure.because(tls).orElse(text(tls));
            case ConnectException refused -> text(refused).toLowerCase(Locale.ROOT);
            default -> text(failure);
        };
    }

    private static String text(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
