// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Ip4Test {

    private static final InetSocketAddress A = Packets.at("192.168.1.10", 4000);
    private static final InetSocketAddress B = Packets.at("45.44.0.10", 3478);
    private final Random random = new Random(7);

    private static InetSocketAddress any(Random random) {
        byte[] address = new byte[4];
        random.nextBytes(address);
        try {
            return new InetSocketAddress(
                    java.net.InetAddress.getByAddress(address), random.nextInt(65536));
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void knownChecksumOfAHeader() {
        // the example of every textbook: 0xb861
        ByteBuffer p = ByteBuffer.allocate(0x73);
        int[] head = {0x4500, 0x0073, 0, 0x4000, 0x4011, 0, 0xc0a8, 0x0001, 0xc0a8, 0x00c7};
        for (int i = 0; i < 10; i++) {
            p.putShort(2 * i, (short) head[i]);
        }
        Ip4.of(p).orElseThrow().sumHeader();
        assertEquals((short) 0xb861, p.getShort(10));
    }

    @Test
    void rewritingKeepsEveryChecksumRight() {
        for (int i = 0; i < 2000; i++) {
            ByteBuffer p =
                    i % 2 == 0
                            ? Packets.udp(A, B, random.nextInt(50), random)
                            : Packets.tcp(A, B, Ip4.ACK, random.nextInt(50), random);
            Ip4 ip = Ip4.of(p).orElseThrow();
            assertTrue(ip.sums());
            InetSocketAddress from = any(random);
            InetSocketAddress to = any(random);
            ip.source(from);
            ip.destination(to);
            assertTrue(ip.sums(), "round " + i);
            assertEquals(from, ip.source());
            assertEquals(to, ip.destination());
        }
    }

    @Test
    void rewritingKeepsAWrongChecksumWrongAndAnAbsentOneAbsent() {
        ByteBuffer wrong = Packets.udp(A, B, 9, random);
        wrong.put(30, (byte) (wrong.get(30) ^ 4));
        Ip4.of(wrong).orElseThrow().source(any(random));
        assertFalse(Ip4.of(wrong).orElseThrow().sums());

        ByteBuffer absent = Packets.udp(A, B, 9, random);
        absent.putShort(26, (short) 0);
        Ip4.of(absent).orElseThrow().source(any(random));
        assertEquals(0, absent.getShort(26));
    }

    @Test
    void resetAnswersWhatRfc9293Wants() {
        ByteBuffer syn = Packets.tcp(A, B, Ip4.SYN, 0, random);
        ByteBuffer rst = Ip4Replies.reset(Ip4.of(syn).orElseThrow());
        Ip4 r = Ip4.of(rst).orElseThrow();
        assertTrue(r.sums());
        assertEquals(B, r.source());
        assertEquals(A, r.destination());
        assertEquals(Ip4.RST | Ip4.ACK, r.tcpFlags());
        assertEquals(0, rst.getInt(24));
        assertEquals(syn.getInt(24) + 1, rst.getInt(28));

        ByteBuffer ack = Packets.tcp(A, B, Ip4.ACK, 5, random);
        ByteBuffer rst2 = Ip4Replies.reset(Ip4.of(ack).orElseThrow());
        assertEquals(Ip4.RST, Ip4.of(rst2).orElseThrow().tcpFlags());
        assertEquals(ack.getInt(28), rst2.getInt(24));
    }

    @Test
    void whatIsNoWholePacketIsNotRead() {
        ByteBuffer p = Packets.tcp(A, B, Ip4.SYN, 4, random);
        for (int n = 0; n < p.limit(); n++) {
            assertTrue(Ip4.of(p.duplicate().limit(n)).isEmpty(), "length " + n);
        }
        assertTrue(Ip4.of(p).isPresent());
        assertTrue(Ip4.of(p.putShort(6, (short) 0x2000)).isEmpty(), "a first fragment");
        assertTrue(Ip4.of(p.putShort(6, (short) 5)).isEmpty(), "a later fragment");
        p.putShort(6, (short) 0x4000);
        assertTrue(Ip4.of(p.put(32, (byte) 0xF0)).isEmpty(), "a TCP header longer than the packet");
    }
}
