package io.flota.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/// Shows the one certificate that there is to everybody who asks for one. The JDK's own key managers would show nothing
/// to those who want another authority's, and neither side would hear why the connection failed.
final class OwnIdentity extends X509ExtendedKeyManager {
    private static final String ALIAS = "own";

    private final Credentials.Own own;

    OwnIdentity(Credentials.Own own) {
        this.own = own;
    }

    /// @param kinds of keys that the other side can do with, such as `EC`
    /// @return the alias, or null, which is the JDK's word for none
    private String alias(String... kinds) {
        var algorithm = own.key().getAlgorithm();
        boolean fits = Arrays.stream(kinds)
                .anyMatch(kind -> kind.equals(algorithm) || kind.startsWith(algorithm + "_"));
        return fits ? ALIAS : null;
    }

    private String[] aliases(String kind) {
        return alias(kind) == null ? null : new String[] {ALIAS};
    }

    @Override
    public String[] getClientAliases(String kind, Principal[] issuers) {
        return aliases(kind);
    }

    @Override
    public String chooseClientAlias(String[] kinds, Principal[] issuers, Socket socket) {
        return alias(kinds);
    }

    @Override
    public String chooseEngineClientAlias(String[] kinds, Principal[] issuers, SSLEngine engine) {
        return alias(kinds);
    }

    @Override
    public String[] getServerAliases(String kind, Principal[] issuers) {
        return aliases(kind);
    }

    @Override
    public String chooseServerAlias(String kind, Principal[] issuers, Socket socket) {
        return alias(kind);
    }

    @Override
    public String chooseEngineServerAlias(String kind, Principal[] issuers, SSLEngine engine) {
        return alias(kind);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return own.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return own.key();
    }
}
