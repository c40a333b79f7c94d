// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nothing that comes from the network throws. */
class FuzzTest {
    private static final int ROUNDS = 20_000;

    private static List<StunAttribute<?>> attributes() throws IllegalAccessException {
        List<StunAttribute<?>> out = new ArrayList<>();
        for (Field f : StunAttributes.class.getDeclaredFields()) {
            if (f.getType() == StunAttribute.class) {
                out.add((StunAttribute<?>) f.get(null));
            }
        }
        return out;
    }

    @Test
    void randomAndMutated() throws IllegalAccessException {
        List<StunAttribute<?>> all = attributes();
        assertTrue(all.size() > 35);
        List<byte[]> seeds = new ArrayList<>();
        Vectors.all().forEach(v -> seeds.add(Vectors.bytes(v)));
        int decoded = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = bytes(random, seeds, all);
            try {
                StunDecoded d =
                        StunMessage.decode(ByteBuffer.wrap(bytes), 1500, random.nextBoolean());
                assertTrue(d.message().isPresent() != d.problem().isPresent());
                if (d.message().isPresent()) {
                    decoded++;
                    read(d.message().get(), all);
                }
                new StunFramer(1500, random.nextBoolean()).feed(ByteBuffer.wrap(bytes));
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertTrue(decoded > ROUNDS / 4, "too few were messages: " + decoded);
    }

    private static void read(StunMessage m, List<StunAttribute<?>> all) {
        for (StunAttribute<?> a : all) {
            m.get(a);
            m.all(a);
            m.malformed(a);
        }
        m.integrity(new byte[1]);
        m.integritySha256(new byte[1]);
        m.fingerprint();
        m.unknown();
        m.toString();
        m.get(StunAttributes.NONCE).ifPresent(NonceCookie::features);
        m.get(StunAttributes.USERNAME).ifPresent(SaslPrep::prepare);
        m.reply(StunClass.ERROR).build();
    }

    private static byte[] bytes(Random random, List<byte[]> seeds, List<StunAttribute<?>> all) {
        switch (random.nextInt(3)) {
            case 0 -> {
                byte[] noise = new byte[random.nextInt(200)];
                random.nextBytes(noise);
                return noise;
            }
            case 1 -> {
                StunMessageBuilder b =
                        StunMessage.builder(StunClass.REQUEST, random.nextInt(16), new byte[12]);
                for (int i = random.nextInt(6); i > 0; i--) {
                    byte[] value = new byte[random.nextInt(40)];
                    random.nextBytes(value);
                    b.with(all.get(random.nextInt(all.size())).type(), value);
                }
                return b.build().bytes();
            }
            default -> {
                byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
                for (int i = random.nextInt(5); i >= 0; i--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
                return random.nextInt(4) == 0
                        ? Arrays.copyOf(bytes, random.nextInt(2 * bytes.length))
                        : bytes;
            }
        }
    }
}
