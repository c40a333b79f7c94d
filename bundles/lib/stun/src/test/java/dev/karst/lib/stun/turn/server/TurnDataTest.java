// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import static dev.karst.lib.stun.turn.server.TurnWorld.at;
import static dev.karst.lib.stun.turn.server.TurnWorld.code;
import static dev.karst.lib.stun.turn.server.TurnWorld.success;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunMessage;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is passed on, and what is not. */
class TurnDataTest {
    private static final InetSocketAddress PEER = at("192.0.2.9", 4000);
    private static final byte[] DATA = {1, 2, 3, 4, 5};

    private final TurnWorld world = new TurnWorld();
    private final TurnWorld.Asker a = world.asker(1000);

    private TurnWorld.Sent lastToPeer() {
        return world.toPeers.get(world.toPeers.size() - 1);
    }

    private byte[] lastToClient() {
        return world.toClients.get(world.toClients.size() - 1).bytes();
    }

    @Test
    void indicationsBothWays() {
        InetSocketAddress relayed = a.allocated();
        a.indicate(PEER, DATA);
        world.fromPeer(PEER, relayed, DATA);
        assertEquals(0, world.toPeers.size(), "nobody permitted it");
        assertEquals(2, world.count("turn.dropped.permission"));
        a.permit(PEER);
        a.indicate(PEER, DATA);
        assertArrayEquals(DATA, lastToPeer().bytes());
        assertEquals(PEER, lastToPeer().to());
        InetSocketAddress otherPort = at("192.0.2.9", 77);
        world.fromPeer(otherPort, relayed, DATA);
        StunMessage m = StunMessage.decode(ByteBuffer.wrap(lastToClient())).message().get();
        assertEquals(StunClass.INDICATION, m.kind());
        assertEquals(Optional.of(otherPort), m.get(StunAttributes.XOR_PEER_ADDRESS));
        assertArrayEquals(DATA, m.get(StunAttributes.DATA).orElseThrow());
        world.pass(301);
        int before = world.toClients.size();
        a.indicate(PEER, DATA);
        world.fromPeer(PEER, relayed, DATA);
        assertEquals(1, world.toPeers.size(), "the permission is over");
        assertEquals(before, world.toClients.size());
    }

    @Test
    void indicationsOverIpv6() {
        InetSocketAddress six = at("2001:db8:9::1", 700);
        InetSocketAddress relayed =
                a.ask(
                                3,
                                b ->
                                        b.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                                .with(StunAttributes.REQUESTED_ADDRESS_FAMILY, 2))
                        .get(StunAttributes.XOR_RELAYED_ADDRESS)
                        .orElseThrow();
        a.permit(six);
        world.fromPeer(six, relayed, DATA);
        StunMessage m = StunMessage.decode(ByteBuffer.wrap(lastToClient())).message().get();
        assertEquals(Optional.of(six), m.get(StunAttributes.XOR_PEER_ADDRESS));
    }

    @Test
    void channelsBothWays() {
        InetSocketAddress relayed = a.allocated();
        a.channelData(0x4000, DATA);
        assertEquals(0, world.toPeers.size());
        a.bind(0x4000, PEER);
        a.channelData(0x4000, DATA);
        assertArrayEquals(DATA, lastToPeer().bytes());
        world.fromPeer(PEER, relayed, DATA);
        assertArrayEquals(new byte[] {0x40, 0, 0, 5, 1, 2, 3, 4, 5}, lastToClient());
        a.send(new byte[] {0x40, 0, 0, 9, 1, 2}); // longer than it is
        assertEquals(1, world.toPeers.size());
        a.send(new byte[] {0x40, 0, 0, 1, 9, 0, 0, 0}); // padded
        assertArrayEquals(new byte[] {9}, lastToPeer().bytes());
        world.pass(599);
        a.allocate();
        a.ask(4, b -> b);
        world.pass(2);
        a.channelData(0x4000, DATA);
        assertEquals(2, world.toPeers.size(), "the channel is over");
    }

    @Test
    void anotherClientsChannelIsNotOurs() {
        a.allocated();
        a.bind(0x4000, PEER);
        TurnWorld.Asker other = world.asker(1001);
        other.channelData(0x4000, DATA);
        other.allocated();
        other.channelData(0x4000, DATA);
        assertEquals(0, world.toPeers.size());
    }

    @Test
    void relayedAddressesReachEachOtherThoughTheMachineIsClosed() {
        TurnWorld.Asker b = world.asker(1001);
        InetSocketAddress ra = a.allocated();
        InetSocketAddress rb = b.allocated();
        assertTrue(success(a.permit(rb)));
        assertTrue(success(a.bind(0x4000, rb)));
        a.channelData(0x4000, DATA);
        assertEquals(1, world.count("turn.dropped.permission"), "b did not permit it");
        b.permit(ra);
        a.channelData(0x4000, DATA);
        StunMessage m = StunMessage.decode(ByteBuffer.wrap(lastToClient())).message().get();
        assertEquals(Optional.of(ra), m.get(StunAttributes.XOR_PEER_ADDRESS));
        b.bind(0x4001, ra);
        a.channelData(0x4000, DATA);
        assertArrayEquals(new byte[] {0x40, 1, 0, 5, 1, 2, 3, 4, 5}, lastToClient());
        a.indicate(at("203.0.113.1", 22), DATA); // of this machine, but no relay
        assertEquals(0, world.toPeers.size());
        assertEquals(1, world.count("turn.dropped.denied"));
        int before = world.toClients.size();
        world.fromPeer(at("203.0.113.1", 53), ra, DATA); // nor may it answer
        assertEquals(before, world.toClients.size());
    }

    @Test
    void ownListenersAreNoPeersEvenIfAllowed() {
        TurnWorld w =
                new TurnWorld(
                        TurnWorld.LIMITS,
                        TurnSettings.REFUSALS,
                        PeerPolicy.ranges(List.of("203.0.113.0/24, 127.0.0.0/8")));
        TurnWorld.Asker c = w.asker(1);
        c.allocated();
        assertTrue(success(c.permit(at("203.0.113.1", 1))));
        assertEquals(403, code(c.bind(0x4000, at("203.0.113.1", 3478))));
        c.indicate(at("203.0.113.1", 3478), DATA);
        c.permit(at("127.0.0.1", 1));
        c.indicate(at("127.0.0.1", 3478), DATA);
        assertEquals(0, w.toPeers.size());
        c.indicate(at("203.0.113.1", 9000), DATA);
        assertEquals(1, w.toPeers.size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "0.0.0.0",
                "10.1.2.3",
                "172.16.9.9",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "192.0.0.8",
                "::1",
                "::",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "::127.0.0.1",
                "::ffff:0:10.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::1",
                "2002:7f00:1::",
                "2002:a9fe:a9fe::1",
                "2002:c0a8:101::1",
                "2001:0:7f00:1::",
                "2001:0:808:808::80ff:fffe",
                "2001:db8:1::5efe:10.0.0.1",
                "2001:db8:1::200:5efe:127.0.0.1",
                "fe80::5efe:10.0.0.1"
            })
    void deniedPeers(String ip) {
        a.ask(
                3,
                b ->
                        b.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                .with(StunAttributes.ADDITIONAL_ADDRESS_FAMILY, 2));
        assertEquals(403, code(a.permit(at(ip, 80))), ip);
        assertEquals(403, code(a.permit(PEER, at(ip, 80))), "one of two");
        assertEquals(403, code(a.bind(0x4000, at(ip, 80))), ip);
        a.indicate(at(ip, 80), DATA);
        assertEquals(0, world.toPeers.size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1", "64:ff9b::808:808"})
    void allowedPeers(String ip) {
        a.ask(
                3,
                b ->
                        b.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                .with(StunAttributes.ADDITIONAL_ADDRESS_FAMILY, 2));
        assertTrue(success(a.permit(at(ip, 80))), ip);
    }

    @Test
    void theNarrowestRangeDecides() {
        PeerPolicy p =
                new PeerPolicy(
                        PeerPolicy.ranges(List.of("10.0.0.0/8")),
                        PeerPolicy.ranges(List.of("10.1.0.0/16", "0.0.0.0/0")),
                        java.util.Set.of(),
                        java.util.Set.of());
        assertEquals(PeerPolicy.Verdict.ALLOWED, p.judge(TurnWorld.ip("10.2.0.1")));
        assertEquals(PeerPolicy.Verdict.DENIED, p.judge(TurnWorld.ip("10.1.0.1")));
        assertEquals(PeerPolicy.Verdict.DENIED, p.judge(TurnWorld.ip("8.8.8.8")));
        assertEquals(PeerPolicy.Verdict.ALLOWED, p.judge(TurnWorld.ip("2002:a02:1::")));
    }

    @Test
    void theRateOfAnAllocationIsBounded() {
        TurnWorld w =
                new TurnWorld(
                        new TurnLimits(600, 3600, 600, 50, 10, 16, 10_000),
                        TurnSettings.REFUSALS,
                        List.of());
        TurnWorld.Asker c = w.asker(1);
        c.allocated();
        c.bind(0x4000, PEER);
        for (int i = 0; i < 100; i++) {
            c.channelData(0x4000, new byte[1000]);
        }
        assertEquals(10, w.toPeers.size());
        w.pass(1);
        for (int i = 0; i < 100; i++) {
            c.channelData(0x4000, new byte[1000]);
        }
        assertEquals(20, w.toPeers.size());
        assertEquals(180, w.count("turn.dropped.rate"));
    }

    @Test
    void paddingOverAStreamShowsNothingOfOthers() {
        java.util.ArrayList<byte[]> out = new java.util.ArrayList<>();
        TurnLink link =
                new TurnLink(at("198.51.100.7", 5), true) {
                    @Override
                    protected void send(ByteBuffer b) {
                        out.add(TurnWorld.bytes(b));
                    }
                };
        TurnWorld.Asker c = world.new Asker(at("198.51.100.7", 5));
        c.challenge();
        StunMessage m = c.sealed(c.request(3).with(StunAttributes.REQUESTED_TRANSPORT, 17));
        world.core.frame(0, link, ByteBuffer.wrap(m.bytes()), world.now);
        InetSocketAddress relayed =
                StunMessage.decode(ByteBuffer.wrap(out.get(0)))
                        .message()
                        .get()
                        .get(StunAttributes.XOR_RELAYED_ADDRESS)
                        .get();
        StunMessage bind =
                c.sealed(
                        c.request(9)
                                .with(StunAttributes.CHANNEL_NUMBER, 0x4000)
                                .with(StunAttributes.XOR_PEER_ADDRESS, PEER));
        world.core.frame(0, link, ByteBuffer.wrap(bind.bytes()), world.now);
        ByteBuffer b = ByteBuffer.wrap(new byte[200]);
        java.util.Arrays.fill(b.array(), (byte) 0x55);
        b.position(TurnCore.HEADROOM).limit(TurnCore.HEADROOM + 5);
        world.open.forEach(p -> world.core.peer(p, PEER, b, world.now));
        assertArrayEquals(
                new byte[] {0x40, 0, 0, 5, 0x55, 0x55, 0x55, 0x55, 0x55, 0, 0, 0}, out.get(2));
        world.core.gone(link);
        assertEquals(0, world.open.size(), relayed + " stays open");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.2.3.4",
                "0.0.0.0",
                "255.255.255.255",
                "::",
                "::1",
                "1::",
                "2001:db8::7:8",
                "1:2:3:4:5:6:7:8",
                "64:ff9b::1.2.3.4",
                "fe80::ABCD",
                "1:2:3:4:5:6:1.2.3.4"
            })
    void literals(String text) {
        assertEquals(TurnWorld.ip(text), IpLiteral.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "256.1.1.1",
                "+1.2.3.4",
                "a.b.c.d",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7::8",
                "12345::",
                "g::",
                "localhost",
                "fe80::1%lo"
            })
    void noLiterals(String text) {
        assertThrows(IllegalArgumentException.class, () -> IpLiteral.parse(text));
    }
}
