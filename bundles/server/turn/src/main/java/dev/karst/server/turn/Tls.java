// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** TLS 1.2 and 1.3 with the certificate of a PKCS#12 file, by the JDK. */
final class Tls {
    private final SSLContext context;

    /**
     * Reads the file.
     *
     * @throws IllegalArgumentException that says what is wrong with it
     */
    Tls(RelayConfig.TlsConfig config) {
        char[] password = config.password().toCharArray();
        try (InputStream in = Files.newInputStream(Path.of(config.keystore()))) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password);
            boolean hasKey = false;
            for (String alias : Collections.list(store.aliases())) {
                hasKey |= store.isKeyEntry(alias);
            }
            if (!hasKey) {
                throw new IllegalArgumentException("keystore: it has no key: " + config.keystore());
            }
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "keystore or .keystorePassword: " + config.keystore() + ": " + e.getMessage(),
                    e);
        }
    }

    SSLEngine engine() {
        SSLEngine out = context.createSSLEngine();
        out.setUseClientMode(false);
        out.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        return out;
    }
}
