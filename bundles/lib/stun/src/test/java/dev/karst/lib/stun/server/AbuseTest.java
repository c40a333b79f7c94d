// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.StunMethod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a forger, a flooder and garbage get. */
class AbuseTest {
    private static final long SECOND = 1_000_000_000L;
    private static final byte[] REQUEST =
            StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, new byte[12])
                    .build()
                    .bytes();

    private static StunResponder responder(StunLimits limits) {
        return new StunResponder(StunResponderTest.ends(4), limits, c -> {});
    }

    private static int answered(StunResponder r, String ip, int n, long now) {
        int out = 0;
        for (int i = 0; i < n; i++) {
            // Another port is no other source.
            InetSocketAddress from = new InetSocketAddress(ip, 1024 + i);
            out += r.udp(0, from, ByteBuffer.wrap(REQUEST), now).isPresent() ? 1 : 0;
        }
        return out;
    }

    @Test
    void eachSourceHasItsRate() {
        StunResponder r = responder(new StunLimits(10, 30, 100_000, 100));
        long now = Long.MAX_VALUE - SECOND; // the clock may run over
        assertEquals(30, answered(r, "192.0.2.9", 100, now));
        assertEquals(30, answered(r, "192.0.2.10", 100, now));
        assertEquals(10, answered(r, "192.0.2.9", 100, now + SECOND));
        assertEquals(10, answered(r, "192.0.2.9", 100, now + 2 * SECOND));
        now += 60 * SECOND;
        assertEquals(30, answered(r, "192.0.2.9", 100, now));
        // One customer's prefix is one source, whatever the address in it.
        assertEquals(30, answered(r, "2001:db8::1", 50, now));
        assertEquals(0, answered(r, "2001:db8::ffff:2", 50, now));
        assertEquals(30, answered(r, "2001:db8:0:1::1", 50, now));
    }

    @Test
    void aFloodOfForgedSourcesIsBounded() throws UnknownHostException {
        StunLimits limits = new StunLimits(10, 30, 1000, 500);
        StunResponder r = responder(limits);
        Random random = new Random(1);
        int answers = 0;
        int n = 200_000;
        for (int i = 0; i < n; i++) {
            byte[] ip = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(ip);
            ip[0] = 0x20;
            InetSocketAddress from = new InetSocketAddress(InetAddress.getByAddress(ip), 5000);
            Optional<StunAnswer> a =
                    r.udp(0, from, ByteBuffer.wrap(REQUEST), i * (10 * SECOND / n));
            answers += a.isPresent() ? 1 : 0;
            assertTrue(r.sources() <= 500);
        }
        assertTrue(answers <= 10 * 1000 + 100, "answers: " + answers);
        assertTrue(answers >= 10 * 1000 - 100, "answers: " + answers);
    }

    @Test
    void garbageNeverThrowsNorGrows() {
        List<InetSocketAddress> sources =
                List.of(
                        new InetSocketAddress("203.0.113.1", 700),
                        new InetSocketAddress("2001:db8::5", 7000));
        int answers = 0;
        int grown = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] in = bytes(random);
            InetSocketAddress from = sources.get(random.nextInt(2));
            // Of the family of the source, as sockets are.
            StunEnds ends =
                    random.nextBoolean() ? StunResponderTest.ends(1 << random.nextInt(3)) : six();
            StunResponder r = new StunResponder(ends, StunLimits.DEFAULT, c -> {});
            int end = random.nextInt(ends.ends().size());
            try {
                ByteBuffer b = ByteBuffer.wrap(in);
                Optional<StunAnswer> a =
                        random.nextInt(4) == 0 ? r.tcp(end, from, b, 0) : r.udp(end, from, b, 0);
                if (a.isPresent()) {
                    answers++;
                    grown = Math.max(grown, a.get().bytes().length - in.length);
                    assertEquals(from.getAddress(), a.get().to().getAddress());
                    assertTrue(a.get().to().equals(from) || a.get().to().getPort() > 1023);
                    assertTrue(a.get().end() < ends.ends().size());
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertTrue(answers > 2000, "answers: " + answers);
        assertEquals(StunResponder.MAX_GROWTH, grown);
    }

    private static StunEnds six() {
        return new StunEnds(
                List.of(
                        new InetSocketAddress("2001:db8::1", 3478),
                        new InetSocketAddress("2001:db8::1", 3479),
                        new InetSocketAddress("2001:db8::2", 3478),
                        new InetSocketAddress("2001:db8::2", 3479)));
    }

    private static byte[] bytes(Random random) {
        if (random.nextInt(5) == 0) {
            byte[] noise = new byte[random.nextInt(2500)];
            random.nextBytes(noise);
            return noise;
        }
        int[] types = {0x3, 0x26, 0x27, 0x2, 0x6, 0x8, 0x7001, 0x7002, 0x8022, 0x8028};
        boolean classic = random.nextInt(3) == 0;
        byte[] id = new byte[classic ? 16 : 12];
        random.nextBytes(id);
        StunMessageBuilder b =
                classic
                        ? StunMessage.classicBuilder(StunClass.REQUEST, 1, id)
                        : StunMessage.builder(StunClass.REQUEST, 1, id);
        for (int i = random.nextInt(4); i > 0; i--) {
            byte[] value = new byte[random.nextInt(3) == 0 ? random.nextInt(60) : 4];
            random.nextBytes(value);
            b.with(types[random.nextInt(types.length)], value);
        }
        byte[] out = (random.nextInt(4) == 0 ? b.fingerprint() : b).build().bytes();
        if (random.nextInt(4) == 0) {
            out[random.nextInt(out.length)] = (byte) random.nextInt();
        }
        return random.nextInt(20) == 0 ? Arrays.copyOf(out, random.nextInt(out.length)) : out;
    }
}
