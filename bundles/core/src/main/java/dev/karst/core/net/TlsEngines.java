// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.TlsOptions;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS clients of the JDK. Loading the platform's trust store may take a while: off the loops. */
final class TlsEngines {
    private TlsEngines() {}

    static SSLEngine client(String host, int port, TlsOptions options)
            throws GeneralSecurityException {
        SSLContext context =
                options.pin().isPresent() ? pinned(options.pin().get()) : SSLContext.getDefault();
        SSLEngine engine = context.createSSLEngine(host, port);
        engine.setUseClientMode(true);
        SSLParameters p = engine.getSSLParameters();
        p.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        if (options.pin().isEmpty()) {
            p.setEndpointIdentificationAlgorithm("HTTPS");
        }
        if (!host.matches("[0-9.]+") && host.indexOf(':') < 0) {
            try {
                p.setServerNames(List.of(new SNIHostName(host)));
            } catch (IllegalArgumentException e) {
                throw new GeneralSecurityException("not a host name: " + host, e);
            }
        }
        engine.setSSLParameters(p);
        return engine;
    }

    /** A context of its own for each connection, so that no session of another pin is resumed. */
    private static SSLContext pinned(String sha256) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Pin(HexFormat.of().parseHex(sha256))}, null);
        return context;
    }

    /**
     * Trusts one certificate and no other; who signed it, whom it names and when does not count.
     */
    private static final class Pin extends X509ExtendedTrustManager {
        private final byte[] digest;

        Pin(byte[] digest) {
            this.digest = digest;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            byte[] found;
            try {
                found = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
            } catch (GeneralSecurityException e) {
                throw new CertificateException(e);
            }
            if (!MessageDigest.isEqual(found, digest)) {
                throw new CertificateException(
                        "the server's certificate is not the pinned one; its SHA-256 is "
                                + HexFormat.of().formatHex(found));
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String auth, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String auth, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String auth)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String auth, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("clients are not trusted here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String auth, Socket socket)
                throws CertificateException {
            throw new CertificateException("clients are not trusted here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String auth)
                throws CertificateException {
            throw new CertificateException("clients are not trusted here");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
