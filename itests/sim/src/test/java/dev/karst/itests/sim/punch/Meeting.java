// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import dev.karst.core.Counters;
import dev.karst.core.udp.Consent;
import dev.karst.core.udp.SharedSocket;
import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.nat.NatHome;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatWorld;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.traversal.TraversalStrategy;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Two homes, a STUN-like server, a host for relays, and one attempt between the homes. */
final class Meeting {
    static final int PORT = 4000;
    static final Duration SIGNAL = Duration.ofMillis(80);
    private static final String ID = "00112233445566778899aabbccddeeff";

    final NatWorld w;
    final Side a;
    final Side b;
    final SimHost relayHost;
    boolean relays;
    boolean deaf;
    Duration skew = Duration.ofMillis(40);

    Meeting(long seed, NatPolicy ofA, NatPolicy ofB) {
        this(seed, new NatWorld(seed), ofA, ofB);
    }

    private Meeting(long seed, NatWorld world, NatPolicy ofA, NatPolicy ofB) {
        this(world, world.home("a", ofA), world.home("b", ofB), ofA, ofB);
    }

    Meeting(NatWorld world, NatHome homeA, NatHome homeB, NatPolicy ofA, NatPolicy ofB) {
        w = world;
        w.world().defaultProfile(LinkProfile.of(Duration.ofMillis(20)));
        relayHost = w.server("relay", "198.51.100.9");
        a = new Side(homeA.host(), ofA, true);
        b = new Side(homeB.host(), ofB, false);
        look();
    }

    /** Each shared socket is seen from outside, as by STUN. */
    private void look() {
        SimHost server = w.server("server", "198.51.100.1");
        UdpSocket s =
                w.world().await(server.network().bindUdp(server.at(3478)), Duration.ofSeconds(1));
        s.start(
                (from, bytes) -> {
                    Side side = bytes.get() == 'a' ? a : b;
                    side.mapped = from;
                });
        for (Side side : new Side[] {a, b}) {
            side.socket.send(
                    server.at(3478), ByteBuffer.wrap(new byte[] {(byte) (side == a ? 'a' : 'b')}));
        }
        w.world().run(Duration.ofMillis(200));
    }

    final class Side {
        final SimHost host;
        final NatPolicy policy;
        final boolean initiator;
        final UdpSocket socket;
        final SharedSocket shared;
        final Counters counters = new Counters();
        final Consent consent = new Consent(w.world()::nanoTime);
        InetSocketAddress mapped;
        SimAttempt attempt;

        Side(SimHost host, NatPolicy policy, boolean initiator) {
            this.host = host;
            this.policy = policy;
            this.initiator = initiator;
            socket = w.world().await(host.network().bindUdp(host.at(PORT)), Duration.ofSeconds(1));
            shared = new SharedSocket(socket, consent, counters);
        }

        Side other() {
            return this == a ? b : a;
        }

        Meeting meeting() {
            return Meeting.this;
        }
    }

    String id() {
        return ID;
    }

    /** Both sides try; true if both have a proven path within that virtual time. */
    boolean run(TraversalStrategy strategy, Duration limit) {
        a.attempt = new SimAttempt(a);
        b.attempt = new SimAttempt(b);
        a.attempt.begin(strategy);
        w.world().after(skew, () -> b.attempt.begin(strategy));
        w.world().runs(() -> a.attempt.ended() && b.attempt.ended(), limit);
        return a.attempt.won() && b.attempt.won();
    }

    String story() {
        return "a: " + a.attempt.story() + "\nb: " + b.attempt.story();
    }
}
