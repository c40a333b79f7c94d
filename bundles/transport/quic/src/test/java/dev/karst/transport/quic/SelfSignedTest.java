// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.karst.transport.quic.Credentials.Pair;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SelfSignedTest {
    private final SecureRandom random = new SecureRandom();

    @Test
    void isGenuineAndValid() throws Exception {
        for (int i = 0; i < 50; i++) { // the lengths of its signature differ
            SelfSigned own = SelfSigned.make(random);
            own.certificate().verify(own.certificate().getPublicKey());
            own.certificate().checkValidity();
            assertEquals("CN=karst", own.certificate().getSubjectX500Principal().getName());
            assertEquals(3, own.certificate().getVersion());
            Signature s = Signature.getInstance("SHA256withECDSA");
            s.initSign(own.key());
            s.update((byte) i);
            byte[] signed = s.sign();
            s.initVerify(own.certificate());
            s.update((byte) i);
            assertEquals(true, s.verify(signed));
        }
    }

    @Test
    void isAnotherEachTime() throws Exception {
        SelfSigned a = SelfSigned.make(random);
        SelfSigned b = SelfSigned.make(random);
        assertNotEquals(a.certificate(), b.certificate());
        assertNotEquals(a.certificate().getSerialNumber(), b.certificate().getSerialNumber());
    }

    @Test
    void bindsBothCertificatesInTheirRoles() throws Exception {
        SelfSigned a = SelfSigned.make(random);
        SelfSigned b = SelfSigned.make(random);
        Pair atA = pair(a);
        Pair atB = pair(b);
        byte[] binding = atA.binding(true, b.certificate());
        assertArrayEquals(binding, atB.binding(false, a.certificate()));
        assertFalse(Arrays.equals(binding, atA.binding(false, b.certificate())));
        SelfSigned between = SelfSigned.make(random);
        assertFalse(Arrays.equals(binding, atA.binding(true, between.certificate())));
    }

    private static Pair pair(SelfSigned own) throws Exception {
        byte[] hash =
                java.security.MessageDigest.getInstance("SHA-256")
                        .digest(own.certificate().getEncoded());
        return new Pair(null, null, hash, 0);
    }
}
