// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import static dev.karst.lib.stun.turn.server.TurnWorld.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.turn.RestCredential;
import dev.karst.lib.stun.turn.TurnClient;
import dev.karst.lib.stun.turn.TurnFailure;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Garbage and damaged messages at both state machines. */
class TurnFuzzTest {
    private static final InetSocketAddress PEER = at("192.0.2.9", 4000);

    private static byte[] damaged(Random r, List<byte[]> valid) {
        if (r.nextInt(4) == 0) {
            byte[] b = new byte[r.nextInt(80)];
            r.nextBytes(b);
            if (b.length > 0) {
                b[0] &= 0x7f;
            }
            return b;
        }
        byte[] b = valid.get(r.nextInt(valid.size())).clone();
        for (int i = r.nextInt(4); i >= 0; i--) {
            b[r.nextInt(b.length)] = (byte) r.nextInt();
        }
        return r.nextInt(3) == 0 ? java.util.Arrays.copyOf(b, r.nextInt(b.length + 8)) : b;
    }

    @Test
    void theServer() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        TurnWorld w = new TurnWorld();
        TurnWorld.Asker a = w.asker(1);
        InetSocketAddress relayed = a.allocated();
        a.bind(0x4000, PEER);
        List<byte[]> valid = new ArrayList<>();
        for (int method : new int[] {3, 4, 8, 9, 10, 11}) {
            valid.add(
                    a.sealed(
                                    a.request(method)
                                            .with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                            .with(StunAttributes.CHANNEL_NUMBER, 0x4001)
                                            .with(StunAttributes.XOR_PEER_ADDRESS, PEER))
                            .bytes());
        }
        valid.add(new byte[] {0x40, 0, 0, 3, 1, 2, 3, 0});
        valid.add(
                StunMessage.builder(dev.karst.lib.stun.StunClass.INDICATION, 6, new byte[12])
                        .with(StunAttributes.XOR_PEER_ADDRESS, PEER)
                        .with(StunAttributes.DATA, new byte[9])
                        .build()
                        .bytes());
        try {
            for (int i = 0; i < 20_000; i++) {
                w.now += 1_000_000;
                byte[] b = damaged(r, valid);
                (r.nextBoolean() ? a : w.asker(1 + r.nextInt(20))).send(b);
                w.fromPeer(PEER, relayed, b);
            }
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
        assertTrue(w.core.allocations() <= 10, "seed " + seed);
        w.pass(4000);
        assertEquals(0, w.open.size(), "seed " + seed);
    }

    @Test
    void theClient() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        List<byte[]> sent = new ArrayList<>();
        TurnClient.Events events =
                new TurnClient.Events() {
                    @Override
                    public void send(ByteBuffer message) {
                        sent.add(TurnWorld.bytes(message));
                    }

                    @Override
                    public boolean send(ByteBuffer head, ByteBuffer data) {
                        return true;
                    }

                    @Override
                    public void allocated(InetSocketAddress at, Optional<InetSocketAddress> m) {}

                    @Override
                    public void over(TurnFailure why) {}

                    @Override
                    public void count(String what) {
                        assertTrue(what.matches("[a-z0-9.-]+"));
                    }
                };
        try {
            for (int round = 0; round < 200; round++) {
                TurnClient c =
                        new TurnClient(
                                new TurnClient.Setup(
                                        new RestCredential("u", "p"), true, false, r::nextBytes),
                                events);
                long now = 0;
                sent.clear();
                c.start(now);
                for (int i = 0; i < 100; i++) {
                    byte[] last = sent.get(sent.size() - 1).clone();
                    last[0] |= 1; // an answer with the right id
                    last[1] |= r.nextBoolean() ? 0x10 : 0;
                    c.received(ByteBuffer.wrap(damaged(r, List.of(last))), now);
                    now += r.nextInt(1_000_000_000);
                    c.wake(now);
                    c.send(PEER, ByteBuffer.allocate(5), now);
                }
            }
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }
}
