// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;

/**
 * A throw-away P-256 key and the least certificate that TLS takes (RFC 5280, section 4.1), in DER
 * by hand: the JDK reads certificates but has no public API to make one. It says nothing about
 * anybody; the PeerId is proven above.
 */
record SelfSigned(PrivateKey key, X509Certificate certificate) {
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;

    /** ecdsa-with-SHA256, 1.2.840.10045.4.3.2. */
    private static final byte[] ECDSA_SHA256 =
            der(SEQUENCE, der(0x06, bytes(0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2)));

    /** CN=karst. */
    private static final byte[] NAME =
            der(
                    SEQUENCE,
                    der(
                            SET,
                            der(
                                    SEQUENCE,
                                    der(0x06, bytes(0x55, 4, 3)),
                                    der(0x0C, ascii("karst")))));

    /** For ever: peers' clocks lie. */
    private static final byte[] VALIDITY =
            der(SEQUENCE, der(0x17, ascii("000101000000Z")), der(0x18, ascii("99991231235959Z")));

    static SelfSigned make(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator g = KeyPairGenerator.getInstance("EC");
        g.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair pair = g.generateKeyPair();
        byte[] serial = new byte[16];
        random.nextBytes(serial);
        serial[0] = (byte) (serial[0] & 0x3F | 0x40); // positive, no leading zero
        byte[] body =
                der(
                        SEQUENCE,
                        der(0xA0, der(0x02, bytes(2))), // version 3
                        der(0x02, serial),
                        ECDSA_SHA256,
                        NAME,
                        VALIDITY,
                        NAME,
                        pair.getPublic().getEncoded());
        Signature s = Signature.getInstance("SHA256withECDSA");
        s.initSign(pair.getPrivate(), random);
        s.update(body);
        byte[] bits = s.sign();
        byte[] whole = der(SEQUENCE, body, ECDSA_SHA256, der(0x03, bytes(0), bits));
        X509Certificate certificate =
                (X509Certificate)
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(new ByteArrayInputStream(whole));
        return new SelfSigned(pair.getPrivate(), certificate);
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] p : parts) {
            content.writeBytes(p);
        }
        int n = content.size();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (n < 0x80) {
            out.write(n);
        } else if (n < 0x100) {
            out.writeBytes(bytes(0x81, n));
        } else {
            out.writeBytes(bytes(0x82, n >> 8, n));
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static byte[] bytes(int... values) {
        byte[] b = new byte[values.length];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) values[i];
        }
        return b;
    }

    private static byte[] ascii(String s) {
        return s.getBytes(StandardCharsets.US_ASCII);
    }
}
