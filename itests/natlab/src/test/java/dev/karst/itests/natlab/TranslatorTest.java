// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TranslatorTest {

    private static final InetSocketAddress IN = Packets.at("192.168.1.10", 4000);
    private static final InetSocketAddress IN2 = Packets.at("192.168.1.11", 4000);
    private static final InetSocketAddress SERVER = Packets.at("45.44.0.10", 3478);
    private static final InetSocketAddress STRANGER = Packets.at("45.44.0.99", 1234);
    private static final String WAN = "45.45.0.1";

    private final Random random = new Random(11);
    private final List<ByteBuffer> inside = new ArrayList<>();
    private final List<ByteBuffer> outside = new ArrayList<>();

    private Translator box(String words) {
        return new Translator(
                Policies.of(RouterKind.parse(words)),
                Packets.at(WAN, 0).getAddress(),
                new SplittableRandom(1),
                text -> {},
                new Translator.Out() {
                    @Override
                    public void inside(ByteBuffer packet) {
                        inside.add(packet);
                    }

                    @Override
                    public void outside(ByteBuffer packet) {
                        outside.add(packet);
                    }
                });
    }

    private static Ip4 last(List<ByteBuffer> packets) {
        Ip4 ip = Ip4.of(packets.remove(packets.size() - 1)).orElseThrow();
        assertTrue(ip.sums(), "checksums");
        return ip;
    }

    private InetSocketAddress map(Translator box) {
        box.outbound(0, Packets.udp(IN, SERVER, 20, random));
        Ip4 out = last(outside);
        assertEquals(SERVER, out.destination());
        return out.source();
    }

    @Test
    void datagramGoesOutAndItsAnswerComesBack() {
        Translator box = box("user,eim,apdf,random");
        InetSocketAddress external = map(box);
        assertEquals(WAN, external.getAddress().getHostAddress());
        assertNotEquals(4000, external.getPort());
        box.inbound(1, Packets.udp(SERVER, external, 33, random));
        Ip4 in = last(inside);
        assertEquals(IN, in.destination());
        assertEquals(SERVER, in.source());
        box.inbound(2, Packets.udp(STRANGER, external, 33, random));
        assertTrue(inside.isEmpty() && outside.isEmpty());
    }

    @Test
    void connectionKeepsItsBytes() {
        Translator box = box("user,eim,apdf,random");
        box.outbound(0, Packets.tcp(IN, SERVER, Ip4.SYN, 0, random));
        InetSocketAddress external = last(outside).source();
        box.inbound(1, Packets.tcp(SERVER, external, Ip4.SYN | Ip4.ACK, 0, random));
        assertEquals(IN, last(inside).destination());
        ByteBuffer data = Packets.tcp(IN, SERVER, Ip4.ACK, 100, random);
        byte[] before = new byte[108];
        data.get(24, before);
        box.outbound(2, data);
        byte[] after = new byte[108];
        last(outside).buffer().get(24, after);
        before[12] = after[12]; // the checksum
        before[13] = after[13];
        assertEquals(ByteBuffer.wrap(before), ByteBuffer.wrap(after));
    }

    @Test
    void errorsFindTheSenderOfWhatTheyQuote() {
        Translator box = box("user,eim,apdf,random");
        InetSocketAddress external = map(box);
        box.inbound(1, Packets.unreachable("45.0.0.1", Packets.udp(external, SERVER, 20, random)));
        Ip4 in = last(inside);
        assertEquals(IN.getAddress(), in.destinationAddress());
        assertEquals(IN, in.quoted().orElseThrow().source());
        assertEquals(SERVER, in.quoted().orElseThrow().destination());

        box.outbound(2, Packets.unreachable("192.168.1.10", Packets.udp(SERVER, IN, 20, random)));
        Ip4 out = last(outside);
        assertEquals(external.getAddress(), out.sourceAddress());
        assertEquals(external, out.quoted().orElseThrow().destination());
    }

    @Test
    void pingPasses() {
        Translator box = box("user,eim,apdf,random");
        box.outbound(0, Packets.echo(IN, SERVER, 8, 77));
        Ip4 one = last(outside);
        box.outbound(0, Packets.echo(IN2, SERVER, 8, 77));
        Ip4 two = last(outside);
        assertNotEquals(one.echoId(), two.echoId());
        box.inbound(1, Packets.echo(SERVER, Packets.at(WAN, 0), 0, two.echoId()));
        Ip4 in = last(inside);
        assertEquals(IN2.getAddress(), in.destinationAddress());
        assertEquals(77, in.echoId());
        box.inbound(1, Packets.echo(SERVER, Packets.at(WAN, 0), 8, 5));
        assertEquals(0, last(outside).icmpType());
    }

    @Test
    void strangersGetWhatTheRouterWasToldToAnswer() {
        InetSocketAddress closed = Packets.at(WAN, 9);
        Translator rst = box("user,rst");
        rst.inbound(0, Packets.tcp(STRANGER, closed, Ip4.SYN, 0, random));
        assertEquals(Ip4.RST | Ip4.ACK, last(outside).tcpFlags());
        rst.inbound(0, Packets.udp(STRANGER, closed, 3, random));
        assertTrue(outside.isEmpty());
        Translator prohibited = box("user,prohibited");
        prohibited.inbound(0, Packets.udp(STRANGER, closed, 3, random));
        Ip4 icmp = last(outside);
        assertEquals(Ip4Replies.ADMIN_PROHIBITED, icmp.buffer().get(21));
        assertEquals(STRANGER, icmp.quoted().orElseThrow().source());
    }

    @Test
    void hairpinShowsTheSourceItWasToldToShow() {
        for (String words : List.of("user,eif,random,hairpin", "user,eif,random,hairpin-inside")) {
            Translator box = box(words);
            InetSocketAddress external = map(box);
            box.outbound(1, Packets.udp(IN2, external, 3, random));
            Ip4 in = last(inside);
            assertEquals(IN, in.destination());
            assertEquals(words.endsWith("inside"), in.source().equals(IN2));
        }
    }

    /**
     * Any bytes, and good packets with bytes changed: nothing is thrown, and no state grows beyond
     * its limits.
     */
    @Test
    void survivesAnything() {
        long seed = 20_26;
        Random dice = new Random(seed);
        Translator box = box("user,eim,adf,random,icmp,hairpin,quota=50");
        InetSocketAddress external = map(box);
        List<InetSocketAddress> ends =
                List.of(IN, IN2, SERVER, STRANGER, external, Packets.at(WAN, 9));
        for (int i = 0; i < 40_000; i++) {
            InetSocketAddress from = ends.get(dice.nextInt(ends.size()));
            InetSocketAddress to = ends.get(dice.nextInt(ends.size()));
            ByteBuffer p =
                    switch (dice.nextInt(5)) {
                        case 0 -> Packets.udp(from, to, dice.nextInt(40), dice);
                        case 1 -> Packets.tcp(from, to, dice.nextInt(64), dice.nextInt(40), dice);
                        case 2 -> Packets.echo(from, to, dice.nextInt(14), dice.nextInt(65536));
                        case 3 -> Packets.unreachable("45.0.0.1", Packets.udp(from, to, 9, dice));
                        default -> {
                            byte[] noise = new byte[dice.nextInt(80)];
                            dice.nextBytes(noise);
                            yield ByteBuffer.wrap(noise);
                        }
                    };
            for (int k = dice.nextInt(4); k > 0 && p.limit() > 0; k--) {
                p.put(dice.nextInt(p.limit()), (byte) dice.nextInt());
            }
            p.limit(dice.nextInt(5) == 0 ? dice.nextInt(p.limit() + 1) : p.limit());
            try {
                if (dice.nextBoolean()) {
                    box.outbound(i * 1_000_000L, p);
                } else {
                    box.inbound(i * 1_000_000L, p);
                }
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + " round " + i, e);
            }
            inside.clear();
            outside.clear();
        }
        assertTrue(box.broken() > 1000);
    }
}
