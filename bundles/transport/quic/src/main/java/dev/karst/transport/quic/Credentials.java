// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import dev.karst.spi.Scope;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.time.Duration;

/**
 * The throw-away certificate of this provider, a new one every hour. Both sides show one and take
 * any. Sessions are never resumed: then no certificates would be shown.
 *
 * <p>Native code refers to what is given to it until the context is finalized; so nothing of this
 * bundle is.
 */
final class Credentials {
    static final String PROTOCOL = "karst/1";
    private static final long LIFE = Duration.ofHours(1).toNanos();

    private Pair current; // guarded by this

    /** The TLS of both roles under one key. */
    record Pair(QuicSslContext server, QuicSslContext client, byte[] hash, long born) {
        QuicSslContext of(boolean isClient) {
            return isClient ? client : server;
        }

        /** The same on both sides, and nobody between them can make it so. */
        byte[] binding(boolean isClient, Certificate peer) throws GeneralSecurityException {
            byte[] other = sha256().digest(peer.getEncoded());
            MessageDigest d = sha256();
            d.update("karst quic 1".getBytes(StandardCharsets.US_ASCII));
            d.update(isClient ? other : hash); // the server's first
            d.update(isClient ? hash : other);
            return d.digest();
        }
    }

    synchronized Pair get(Scope scope) throws GeneralSecurityException {
        if (current == null || scope.nanoTime() - current.born > LIFE) {
            current = make(SelfSigned.make(scope.secureRandom()), scope.nanoTime());
        }
        return current;
    }

    private static Pair make(SelfSigned own, long now)
            throws GeneralSecurityException, CertificateException {
        QuicSslContext server =
                QuicSslContextBuilder.forServer(own.key(), null, own.certificate())
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .clientAuth(ClientAuth.REQUIRE)
                        .applicationProtocols(PROTOCOL)
                        .earlyData(false)
                        .build();
        QuicSslContext client =
                QuicSslContextBuilder.forClient()
                        .keyManager(own.key(), null, own.certificate())
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .endpointIdentificationAlgorithm("")
                        .applicationProtocols(PROTOCOL)
                        .earlyData(false)
                        .build();
        return new Pair(server, client, sha256().digest(own.certificate().getEncoded()), now);
    }

    private static MessageDigest sha256() throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256");
    }
}
