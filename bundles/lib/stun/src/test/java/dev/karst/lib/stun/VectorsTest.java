// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The samples of the RFCs, read and made. */
class VectorsTest {
    @Test
    void request() {
        StunMessage m = Vectors.message(Vectors.REQUEST);
        assertEquals(StunClass.REQUEST, m.kind());
        assertEquals(StunMethod.BINDING, m.method());
        assertEquals("b7e7a701bc34d686fa87dfae", HexFormat.of().formatHex(m.transactionId()));
        assertEquals(Optional.of("STUN test client"), m.get(StunAttributes.SOFTWARE));
        assertEquals(Optional.of("evtj:h6vY"), m.get(StunAttributes.USERNAME));
        assertEquals(Optional.of(0x6e0001ffL), m.get(StunAttributes.PRIORITY));
        assertEquals(Optional.of(0x932ff9b151263b36L), m.get(StunAttributes.ICE_CONTROLLED));
        assertTrue(m.integrity(StunKeys.shortTerm(Vectors.PASSWORD)));
        assertFalse(m.integrity(StunKeys.shortTerm("another")));
        assertFalse(m.integritySha256(StunKeys.shortTerm(Vectors.PASSWORD)));
        assertTrue(m.fingerprint());
    }

    @Test
    void responses() {
        for (String[] v :
                new String[][] {
                    {Vectors.IPV4, "192.0.2.1"},
                    {Vectors.IPV6, "2001:db8:1234:5678:11:2233:4455:6677"}
                }) {
            StunMessage m = Vectors.message(v[0]);
            assertEquals(StunClass.SUCCESS, m.kind());
            assertEquals(
                    Optional.of(new InetSocketAddress(v[1], 32853)),
                    m.get(StunAttributes.XOR_MAPPED_ADDRESS));
            assertEquals(Optional.of("test vector"), m.get(StunAttributes.SOFTWARE));
            assertTrue(m.integrity(StunKeys.shortTerm(Vectors.PASSWORD)));
            assertTrue(m.fingerprint());
            assertTrue(m.answers(Vectors.message(Vectors.REQUEST)));
            assertFalse(m.answers(Vectors.message(Vectors.LONG_TERM)));
        }
    }

    @Test
    void longTerm() {
        StunMessage m = Vectors.message(Vectors.LONG_TERM);
        assertEquals(Optional.of(Vectors.USER), m.get(StunAttributes.USERNAME));
        assertEquals(Optional.of("f//499k954d6OL34oL9FSTvy64sA"), m.get(StunAttributes.NONCE));
        String realm = m.get(StunAttributes.REALM).orElseThrow();
        assertEquals("example.org", realm);
        assertTrue(
                m.integrity(
                        StunKeys.longTerm(
                                Vectors.USER,
                                realm,
                                Vectors.LONG_TERM_PASSWORD,
                                PasswordAlgorithm.MD5)));
        assertFalse(m.fingerprint());
    }

    @Test
    void sha256() {
        StunMessage m = Vectors.message(Vectors.SHA256);
        assertEquals(
                Optional.of(PasswordAlgorithm.SHA256), m.get(StunAttributes.PASSWORD_ALGORITHM));
        assertArrayEquals(
                StunKeys.userHash(Vectors.USER, "example.org"),
                m.get(StunAttributes.USERHASH).orElseThrow());
        byte[] key =
                StunKeys.longTerm(
                        Vectors.USER,
                        "example.org",
                        Vectors.LONG_TERM_PASSWORD,
                        PasswordAlgorithm.SHA256);
        assertTrue(m.integritySha256(key));
        key[0]++;
        assertFalse(m.integritySha256(key));
        // Its cookie tells no feature, though it uses both.
        assertEquals(2, NonceCookie.features(m.get(StunAttributes.NONCE).orElseThrow()).orElse(-1));
    }

    @Test
    void made() {
        byte[] id = Arrays.copyOfRange(Vectors.bytes(Vectors.SHA256), 8, 20);
        StunMessage m =
                StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, id)
                        .with(
                                StunAttributes.USERHASH,
                                StunKeys.userHash(Vectors.USER, "example.org"))
                        .with(StunAttributes.NONCE, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA")
                        .with(StunAttributes.REALM, "example.org")
                        .with(StunAttributes.PASSWORD_ALGORITHM, PasswordAlgorithm.SHA256)
                        .integritySha256(
                                StunKeys.longTerm(
                                        Vectors.USER,
                                        "example.org",
                                        "TheMatrIX",
                                        PasswordAlgorithm.SHA256))
                        .build();
        assertArrayEquals(Vectors.bytes(Vectors.SHA256), m.bytes());

        byte[] key = StunKeys.shortTerm(Vectors.PASSWORD);
        StunMessage answer =
                Vectors.message(Vectors.REQUEST)
                        .reply(StunClass.SUCCESS)
                        .raw(0x8022, "test vector".getBytes(), ' ')
                        .with(
                                StunAttributes.XOR_MAPPED_ADDRESS,
                                new InetSocketAddress("192.0.2.1", 32853))
                        .integrity(key)
                        .fingerprint()
                        .build();
        assertArrayEquals(Vectors.bytes(Vectors.IPV4), answer.bytes());
    }
}
