// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever comes in, {@code read} returns or throws GeneralSecurityException, nothing else. */
class FuzzTest {
    private static final long SEED = 0x4b61727374L;

    private final SecureRandom secure = new SecureRandom();
    private final Random random = new Random(SEED);

    /** XX's first message is in the clear, so there all of 32 bytes and more are acceptable. */
    @ParameterizedTest
    @EnumSource
    void firstMessages(NoisePattern pattern) {
        NoisePrimitives p = new Quick();
        NoiseKeyPair a = Keys.fresh(p, secure);
        NoiseKeyPair b = Keys.fresh(p, secure);
        byte[] valid = handshake(pattern, p, true, a, b).write(new byte[20]);
        int accepted = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] message = i % 2 == 0 ? mutated(valid) : noise(random.nextInt(300));
            boolean same = Arrays.equals(message, valid);
            NoiseHandshake responder = handshake(pattern, p, false, b, b);
            if (reads(responder, message, i) && !same) {
                accepted++;
            }
        }
        if (pattern != NoisePattern.XX) {
            assertEquals(0, accepted, "forgeries, seed " + SEED);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IK", "XX"})
    void laterMessages(NoisePattern pattern) throws Exception {
        NoisePrimitives p = new JdkPrimitives();
        NoiseKeyPair a = Keys.fresh(p, secure);
        NoiseKeyPair b = Keys.fresh(p, secure);
        for (int i = 0; i < 150; i++) {
            NoiseHandshake initiator = handshake(pattern, p, true, a, b);
            NoiseHandshake responder = handshake(pattern, p, false, b, b);
            responder.read(initiator.write(new byte[0]));
            byte[] valid = responder.write(new byte[9]);
            byte[] message = i % 4 != 0 ? mutated(valid) : noise(random.nextInt(300));
            assertEquals(Arrays.equals(valid, message), reads(initiator, message, i));
        }
    }

    private static boolean reads(NoiseHandshake handshake, byte[] message, int i) {
        try {
            handshake.read(message);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        } catch (RuntimeException e) {
            return fail("seed " + SEED + ", iteration " + i, e);
        }
    }

    private NoiseHandshake handshake(
            NoisePattern pattern,
            NoisePrimitives p,
            boolean initiator,
            NoiseKeyPair own,
            NoiseKeyPair responder) {
        return new NoiseHandshake(
                pattern,
                initiator,
                NoiseSuite.AESGCM,
                p,
                own,
                initiator && pattern.responderKnown()
                        ? Optional.of(responder.publicKey())
                        : Optional.empty(),
                new byte[0],
                secure);
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] mutated(byte[] valid) {
        byte[] bytes = Arrays.copyOf(valid, valid.length + random.nextInt(3) * random.nextInt(9));
        for (int n = random.nextInt(4); n >= 0; n--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(5) == 0
                ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1))
                : bytes;
    }

    /** The JDK's X25519 costs 0.3 ms, too much for this many; a hash commutes well enough here. */
    private static final class Quick implements NoisePrimitives {
        private final NoisePrimitives jdk = new JdkPrimitives();

        @Override
        public byte[] publicKey(byte[] privateKey) {
            return privateKey.clone();
        }

        @Override
        public byte[] dh(byte[] privateKey, byte[] publicKey) {
            byte[] sum = new byte[32];
            for (int i = 0; i < 32; i++) {
                sum[i] = (byte) (privateKey[i] + publicKey[i]);
            }
            return hash(sum);
        }

        @Override
        public byte[] hash(byte[]... parts) {
            return jdk.hash(parts);
        }

        @Override
        public byte[] hmac(byte[] key, byte[]... parts) {
            return jdk.hmac(key, parts);
        }

        @Override
        public Aead aead(NoiseSuite suite, byte[] key) {
            return jdk.aead(suite, key);
        }
    }
}
