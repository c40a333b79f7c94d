// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Published known answers: RFC 7748 and vectors.properties. */
class VectorsTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final NoisePrimitives p = new JdkPrimitives();
    private final Properties vectors = new Properties();

    VectorsTest() throws Exception {
        try (InputStream in = getClass().getResourceAsStream("vectors.properties")) {
            vectors.load(in);
        }
    }

    @ParameterizedTest
    @CsvSource({"IK, AESGCM", "IK, CHACHAPOLY", "XX, AESGCM", "XX, CHACHAPOLY", "X, AESGCM"})
    void handshakeAndTransport(NoisePattern pattern, NoiseSuite suite) throws Exception {
        String name = "Noise_" + pattern + "_" + suite.noiseName();
        NoiseHandshake initiator = side(pattern, true, suite);
        NoiseHandshake responder = side(pattern, false, suite);
        int handshakes = pattern.messages().size();
        for (int i = 0; i < handshakes; i++) {
            NoiseHandshake from = i % 2 == 0 ? initiator : responder;
            NoiseHandshake to = i % 2 == 0 ? responder : initiator;
            byte[] message = from.write(hex("payload." + i));
            assertEquals(vectors.get(name + "." + i), HEX.formatHex(message), "message " + i);
            assertArrayEquals(hex("payload." + i), to.read(message));
        }
        assertTrue(initiator.complete() && responder.complete());
        assertArrayEquals(initiator.hash(), responder.hash());
        if (vectors.containsKey(name + ".hash")) {
            assertArrayEquals(hex(name + ".hash"), initiator.hash());
        }
        assertArrayEquals(hex("initiator.public"), responder.remoteStatic());
        assertArrayEquals(hex("responder.public"), initiator.remoteStatic());

        NoiseRecords first = initiator.split();
        NoiseRecords second = responder.split();
        long[] counters = new long[2];
        for (int i = handshakes; i < 6; i++) {
            boolean byInitiator = pattern == NoisePattern.X || i % 2 == 0;
            NoiseRecords from = byInitiator ? first : second;
            NoiseRecords to = byInitiator ? second : first;
            long counter = counters[byInitiator ? 0 : 1]++;
            ByteBuffer sealed = ByteBuffer.allocate(100);
            from.seal(counter, NOTHING, ByteBuffer.wrap(hex("payload." + i)), sealed);
            sealed.flip();
            String text = HEX.formatHex(sealed.array(), 0, sealed.limit());
            assertEquals(vectors.get(name + "." + i), text, "message " + i);
            ByteBuffer plain = ByteBuffer.allocate(100);
            assertTrue(to.open(counter, NOTHING, sealed, plain));
            assertEquals(ByteBuffer.wrap(hex("payload." + i)), plain.flip());
        }
    }

    private NoiseHandshake side(NoisePattern pattern, boolean initiator, NoiseSuite suite) {
        String role = initiator ? "initiator" : "responder";
        NoiseHandshake handshake =
                new NoiseHandshake(
                        pattern,
                        initiator,
                        suite,
                        p,
                        p.keyPair(hex(role + ".static")),
                        initiator && pattern.responderKnown()
                                ? Optional.of(hex("responder.public"))
                                : Optional.empty(),
                        hex("prologue"),
                        new SecureRandom());
        handshake.fixEphemeral(hex(role + ".ephemeral"));
        return handshake;
    }

    private byte[] hex(String key) {
        return HEX.parseHex(vectors.getProperty(key));
    }

    /** RFC 7748 section 5.2, first and second; the second has the ignored topmost bit set. */
    @ParameterizedTest
    @CsvSource({
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4,"
                + "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c,"
                + "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d,"
                + "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493,"
                + "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
    })
    void x25519(String scalar, String u, String expected) throws Exception {
        byte[] shared = p.dh(HEX.parseHex(scalar), HEX.parseHex(u));
        assertEquals(expected, HEX.formatHex(shared));
    }

    /** RFC 7748 section 5.2, iterated a thousand times. */
    @Test
    void x25519Iterated() throws Exception {
        byte[] k = new byte[32];
        k[0] = 9;
        byte[] u = k;
        for (int i = 0; i < 1000; i++) {
            byte[] next = p.dh(k, u);
            u = k;
            k = next;
        }
        assertEquals(
                "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
                HEX.formatHex(k));
    }

    /** RFC 7748 section 6.1, from Bob's side. */
    @Test
    void diffieHellman() throws Exception {
        NoiseKeyPair bob =
                p.keyPair(
                        HEX.parseHex(
                                "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        assertEquals(
                "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                HEX.formatHex(bob.publicKey()));
        byte[] alice =
                HEX.parseHex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        assertEquals(
                "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
                HEX.formatHex(p.dh(bob.privateKey(), alice)));
    }

    /** RFC 7748 section 7: u of order 1, 2, 4 and 8, and their unreduced forms. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000080"
            })
    void smallOrderIsRefused(String u) {
        byte[] key = HEX.parseHex(u);
        assertTrue(PublicKeys.smallOrder(key));
        byte[] own = hex("initiator.static");
        assertThrows(GeneralSecurityException.class, () -> p.dh(own, key));
    }
}
