package io.flota.unitctl.ca;

import com.google.common.net.InetAddresses;

/// By what others reach whom a certificate is for: an IP address or a host name.
public record AlternativeName(String text) {
    /// Labels of letters, digits and inner hyphens.
    private static final String HOST =
            "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*";

    /// @throws IllegalArgumentException if it is neither
    public AlternativeName {
        if (!InetAddresses.isInetAddress(text) && !text.matches(HOST)) {
            throw new IllegalArgumentException("\"" + text + "\" is neither an IP address nor a host name");
        }
    }

    /// As keytool's `-ext san=` takes it.
    String argument() {
        return (InetAddresses.isInetAddress(text) ? "ip:" : "dns:") + text;
    }
}
