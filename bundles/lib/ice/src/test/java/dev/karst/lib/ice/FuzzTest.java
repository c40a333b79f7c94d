// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.ice.World.Nat;
import dev.karst.lib.ice.World.Side;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nothing that comes from the network, or from the peer itself, throws or grows without end. */
class FuzzTest {
    private static final IceCredentials L = new IceCredentials("left", "leftleftleftleftleftleft");
    private static final IceCredentials R =
            new IceCredentials("right", "rightrightrightrightright");

    /** A side that keeps what it sends. */
    private static final class Keeping extends Side {
        final List<byte[]> sent = new ArrayList<>();

        Keeping(World w) {
            super(w, "10.0.0.1:1", "10.0.0.1:1", Nat.NONE);
        }

        @Override
        public void send(int socket, InetSocketAddress to, byte[] stun) {
            sent.add(stun);
        }
    }

    @Test
    void randomAndMutatedAndReplayed() {
        for (int seed = 0; seed < 200; seed++) {
            try {
                round(new Random(seed), seed);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void round(Random random, int seed) {
        World w = new World(seed);
        Keeping a = new Keeping(w);
        Keeping b = new Keeping(w);
        a.agent = agent(L, R, random.nextBoolean(), w, a);
        b.agent = agent(R, L, random.nextBoolean(), w, b);
        int answers = 0;
        for (int i = 0; i < 100; i++) {
            w.now += random.nextInt(400) * World.MS;
            a.agent.wake(w.now);
            b.agent.wake(w.now);
            byte[] bytes = bytes(random, random.nextBoolean() ? a.sent : b.sent);
            a.sent.subList(0, Math.max(0, a.sent.size() - 8)).clear();
            b.sent.subList(0, Math.max(0, b.sent.size() - 8)).clear();
            InetSocketAddress from =
                    World.address(
                            "10."
                                    + random.nextInt(2)
                                    + ".0."
                                    + random.nextInt(8)
                                    + ":"
                                    + random.nextInt(3));
            int before = a.sent.size();
            a.agent.receive(w.now, random.nextInt(3), from, ByteBuffer.wrap(bytes));
            b.agent.receive(w.now, random.nextInt(3), from, ByteBuffer.wrap(bytes));
            answers += a.sent.size() - before;
            assertTrue(a.sent.size() - before <= 1, "at most one answer");
            assertTrue(a.agent.pairs().size() <= 100);
        }
        assertTrue(answers <= 100);
    }

    private static IceAgent agent(
            IceCredentials own, IceCredentials other, boolean role, World w, IceSink sink) {
        IceAgent agent =
                new IceAgent(IceSettings.STANDARD, role, own, other, w.random, sink, w.now);
        agent.addLocal(0, CandidateType.HOST, World.address("10.0.0.1:1"), 65_535);
        agent.addLocal(1, CandidateType.RELAYED, World.address("10.1.0.2:1"), 65_535);
        for (int i = 1; i < 8; i++) {
            agent.addRemote(
                    IceCandidate.of(CandidateType.HOST, World.address("10.0.0." + i + ":1"), 9));
        }
        return agent;
    }

    private static byte[] bytes(Random random, List<byte[]> seen) {
        byte[] noise = new byte[random.nextInt(120)];
        random.nextBytes(noise);
        if (seen.isEmpty() || random.nextInt(5) == 0) {
            return noise;
        }
        byte[] bytes = seen.get(random.nextInt(seen.size())).clone();
        if (random.nextBoolean()) {
            for (int i = random.nextInt(3); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
        }
        return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(200)) : bytes;
    }
}
