// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import dev.karst.itests.sim.nat.NatBox;
import dev.karst.itests.sim.nat.NatPacket;
import dev.karst.itests.sim.nat.NatPacket.Kind;
import dev.karst.itests.sim.nat.NatPacket.Protocol;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatVerdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Real packets through the simulator's {@link NatBox}: it decides, this rewrites. Knows no device
 * and no clock. One thread at a time. Fragments, broken packets and protocols other than UDP, TCP
 * and ICMP are dropped; IPv6 is not for it.
 */
final class Translator {

    private static final int MOST_ECHOES = 1024;

    /** Where packets leave. The buffer belongs to the receiver. */
    interface Out {
        void inside(ByteBuffer packet);

        void outside(ByteBuffer packet);
    }

    private final NatBox box;
    private final InetAddress outside;
    private final RandomGenerator random;
    private final Out out;
    private final Map<Integer, InetSocketAddress> echoes = new LinkedHashMap<>();
    private long broken;

    Translator(
            NatPolicy policy,
            InetAddress outside,
            RandomGenerator random,
            Consumer<String> log,
            Out out) {
        this.box = new NatBox(policy, outside, random, log);
        this.outside = outside;
        this.random = random;
        this.out = out;
    }

    /** As after a power cut. */
    void reboot() {
        box.reboot();
        echoes.clear();
    }

    /** Packets that were dropped because nothing could be read from them. */
    long broken() {
        return broken;
    }

    /** A packet from inside, from position 0 to its limit; it is rewritten in place. */
    void outbound(long now, ByteBuffer packet) {
        Optional<Ip4> read = Ip4.of(packet);
        if (read.isEmpty()) {
            broken++;
            return;
        }
        Ip4 ip = read.get();
        Optional<Ip4> quoted = ip.quoted();
        if (quoted.isPresent()) {
            Ip4 q = quoted.get();
            if (box.outbound(now, packet(q).error()) instanceof NatVerdict.Forward to) {
                q.destination(to.destination());
                ip.sumIcmp();
                ip.sourceAddress(outside);
                out.outside(packet);
            }
        } else if (ip.protocol() == Ip4.ICMP) {
            echoOut(ip, packet);
        } else if (transported(ip)) {
            apply(box.outbound(now, packet(ip)), ip, packet, out::inside);
        }
    }

    /** A packet from outside. */
    void inbound(long now, ByteBuffer packet) {
        Optional<Ip4> read = Ip4.of(packet);
        if (read.isEmpty()) {
            broken++;
            return;
        }
        Ip4 ip = read.get();
        Optional<Ip4> quoted = ip.quoted();
        if (quoted.isPresent()) {
            Ip4 q = quoted.get();
            if (box.inbound(now, packet(q).error()) instanceof NatVerdict.Forward to) {
                q.source(to.source());
                ip.sumIcmp();
                ip.destinationAddress(to.source().getAddress());
                out.inside(packet);
            }
        } else if (ip.protocol() == Ip4.ICMP) {
            echoIn(ip, packet);
        } else if (transported(ip)) {
            apply(box.inbound(now, packet(ip)), ip, packet, out::outside);
        }
    }

    private boolean transported(Ip4 ip) {
        if (ip.protocol() == Ip4.UDP || ip.protocol() == Ip4.TCP) {
            return true;
        }
        broken++;
        return false;
    }

    private void apply(NatVerdict verdict, Ip4 ip, ByteBuffer packet, Consumer<ByteBuffer> back) {
        if (verdict instanceof NatVerdict.Forward to) {
            ip.source(to.source());
            ip.destination(to.destination());
            if (to.side() == NatVerdict.Side.INSIDE) {
                out.inside(packet);
            } else {
                out.outside(packet);
            }
        } else if (verdict instanceof NatVerdict.Reject reject) {
            switch (reject.answer()) {
                case TCP_RST -> back.accept(Ip4Replies.reset(ip));
                case ICMP_PORT_UNREACHABLE ->
                        back.accept(
                                Ip4Replies.unreachable(ip, Ip4Replies.PORT_UNREACHABLE, outside));
                case ICMP_ADMIN_PROHIBITED ->
                        back.accept(
                                Ip4Replies.unreachable(ip, Ip4Replies.ADMIN_PROHIBITED, outside));
            }
        }
    }

    private static NatPacket packet(Ip4 ip) {
        if (ip.protocol() == Ip4.UDP) {
            return NatPacket.udp(ip.source(), ip.destination());
        }
        // A quoted segment may end before its flags; nobody asks for them then.
        boolean flagged = ip.end() - ip.payload() >= 20;
        return new NatPacket(
                Protocol.TCP,
                flagged ? kind(ip.tcpFlags()) : Kind.DATA,
                ip.source(),
                ip.destination());
    }

    private static Kind kind(int flags) {
        if ((flags & Ip4.RST) != 0) {
            return Kind.RST;
        }
        if ((flags & Ip4.SYN) != 0) {
            return (flags & Ip4.ACK) != 0 ? Kind.SYN_ACK : Kind.SYN;
        }
        return (flags & Ip4.FIN) != 0 ? Kind.FIN : Kind.DATA;
    }

    // ---- ping, which the box knows nothing of: an identifier stands for a port

    private void echoOut(Ip4 ip, ByteBuffer packet) {
        if (ip.icmpType() != 8) {
            broken++;
            return;
        }
        if (ip.destinationAddress().equals(outside)) {
            Ip4Replies.echo(ip);
            out.inside(packet);
            return;
        }
        InetSocketAddress inside = new InetSocketAddress(ip.sourceAddress(), ip.echoId());
        int id =
                echoes.entrySet().stream()
                        .filter(e -> e.getValue().equals(inside))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElseGet(() -> newEcho(inside));
        ip.echoId(id);
        ip.sourceAddress(outside);
        out.outside(packet);
    }

    private int newEcho(InetSocketAddress inside) {
        if (echoes.size() >= MOST_ECHOES) {
            echoes.remove(echoes.keySet().iterator().next());
        }
        int id = inside.getPort();
        while (echoes.containsKey(id)) {
            id = random.nextInt(65536);
        }
        echoes.put(id, inside);
        return id;
    }

    private void echoIn(Ip4 ip, ByteBuffer packet) {
        InetSocketAddress inside = ip.icmpType() == 0 ? echoes.get(ip.echoId()) : null;
        if (ip.icmpType() == 8 && ip.destinationAddress().equals(outside)) {
            Ip4Replies.echo(ip);
            out.outside(packet);
        } else if (inside != null) {
            ip.echoId(inside.getPort());
            ip.destinationAddress(inside.getAddress());
            out.inside(packet);
        } else {
            broken++;
        }
    }
}
