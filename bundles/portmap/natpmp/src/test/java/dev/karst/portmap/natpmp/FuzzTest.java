// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.natpmp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.portmap.PortRequest.Protocol;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nothing that comes from the network throws. */
class FuzzTest {
    private static final int ROUNDS = 20_000;
    private static final byte[][] VALID = {
        {0, (byte) 128, 0, 0, 0, 0, 1, 2, 45, 45, 0, 7},
        {0, (byte) 129, 0, 0, 0, 0, 1, 2, 23, 112, (byte) 156, 65, 0, 0, 14, 16},
        {0, (byte) 130, 0, 4, 0, 0, 1, 2, 23, 112, 0, 0, 0, 0, 0, 0},
        {2, (byte) 129, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9},
    };

    @Test
    void randomAndMutated() {
        Request asked = Request.mapping(Protocol.UDP, 6000, 40000, 3600);
        int decoded = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = bytes(random);
            try {
                Optional<Answer> a = Answer.decode(ByteBuffer.wrap(bytes));
                decoded += a.isPresent() ? 1 : 0;
                a.ifPresent(x -> x.answers(asked));
                a.ifPresent(x -> Refusals.of(x, "router").getMessage());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertTrue(decoded > ROUNDS / 10, "too few were answers: " + decoded);
    }

    private static byte[] bytes(Random random) {
        if (random.nextInt(3) == 0) {
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] bytes = VALID[random.nextInt(VALID.length)].clone();
        for (int i = random.nextInt(4); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(20)) : bytes;
    }
}
