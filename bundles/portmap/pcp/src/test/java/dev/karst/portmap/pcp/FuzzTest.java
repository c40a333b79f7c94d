// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.portmap.testing.Rig;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nothing that comes from the network throws. */
class FuzzTest {
    private static final int ROUNDS = 20_000;
    private static final MapFields FIELDS =
            new MapFields(new Nonce("a".repeat(24)), 17, 6000, 40000, Rig.address("0.0.0.0"));

    private static final List<byte[]> VALID =
            List.of(
                    Message.announce(Rig.address("192.0.2.5")).encode(),
                    Message.map(
                                    Rig.address("2001:db8::5"),
                                    FIELDS,
                                    3600,
                                    List.of(
                                            new Option.ThirdParty(Rig.address("192.0.2.6")),
                                            new Option.Filter(96, 1, Rig.address("::")),
                                            new Option.Unknown(99, new byte[7])))
                            .encode(),
                    HexFormat.of()
                            .parseHex(
                                    "02810000000000780000000100000000000000000000000"
                                            + "0aaaaaaaaaaaaaaaaaaaaaaaa1100000017709c4"
                                            + "100000000000000000000ffffcb007107"));

    @Test
    void randomAndMutated() {
        int decoded = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = bytes(random);
            try {
                Optional<Message> m = Message.decode(ByteBuffer.wrap(bytes));
                if (m.isPresent()) {
                    decoded++;
                    Result.of(m.get(), "router").getMessage();
                    m.get().map().ifPresent(f -> f.answers(FIELDS));
                    if (m.get().result() == 0) {
                        again(m.get());
                    }
                }
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertTrue(decoded > ROUNDS / 10, "too few were messages: " + decoded);
    }

    /** What was understood is written as it was understood. */
    private static void again(Message m) {
        Message twice = Message.decode(ByteBuffer.wrap(m.encode())).orElseThrow();
        assertEquals(
                HexFormat.of().formatHex(m.encode()), HexFormat.of().formatHex(twice.encode()));
    }

    private static byte[] bytes(Random random) {
        if (random.nextInt(4) == 0) {
            byte[] noise = new byte[4 * random.nextInt(300)];
            random.nextBytes(noise);
            if (noise.length > 0) {
                noise[0] = 2;
            }
            return noise;
        }
        byte[] bytes = VALID.get(random.nextInt(VALID.size())).clone();
        for (int i = random.nextInt(4); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return random.nextInt(3) == 0 ? Arrays.copyOf(bytes, 4 * random.nextInt(40)) : bytes;
    }
}
