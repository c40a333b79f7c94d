// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;

/** TLS 1.2 and 1.3 with the certificate of a PKCS#12 file, by the JDK. */
final class Tls {
    private Tls() {}

    static SslContext context(ServerConfig config) {
        char[] password = config.keystorePassword().toCharArray();
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
            return SslContextBuilder.forServer(keys)
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "keystore or .keystorePassword: " + config.keystore() + ": " + e.getMessage(),
                    e);
        }
    }
}
