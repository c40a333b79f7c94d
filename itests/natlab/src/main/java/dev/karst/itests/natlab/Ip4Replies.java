// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/** Packets that a router makes itself. */
final class Ip4Replies {

    static final int PORT_UNREACHABLE = 3;
    static final int ADMIN_PROHIBITED = 13;

    private Ip4Replies() {}

    private static Ip4 packet(int protocol, int payload, InetAddress from, InetAddress to) {
        ByteBuffer packet = ByteBuffer.allocate(20 + payload);
        packet.put(0, (byte) 0x45).putShort(2, (short) packet.limit()).putShort(6, (short) 0x4000);
        packet.put(8, (byte) 64).put(9, (byte) protocol);
        packet.put(12, from.getAddress()).put(16, to.getAddress());
        if (protocol == Ip4.TCP) {
            packet.put(32, (byte) 0x50);
        }
        Ip4 ip = Ip4.of(packet).orElseThrow();
        ip.sumHeader();
        return ip;
    }

    /** The reset that a segment gets where nobody listens (RFC 9293, section 3.10.7.1). */
    static ByteBuffer reset(Ip4 to) {
        Ip4 rst = packet(Ip4.TCP, 20, to.destinationAddress(), to.sourceAddress());
        ByteBuffer at = rst.buffer();
        ByteBuffer in = to.buffer();
        at.putShort(20, in.getShort(to.payload() + 2)).putShort(22, in.getShort(to.payload()));
        if ((to.tcpFlags() & Ip4.ACK) != 0) {
            at.putInt(24, in.getInt(to.payload() + 8)).put(33, (byte) Ip4.RST);
        } else {
            at.putInt(28, in.getInt(to.payload() + 4) + to.tcpLength())
                    .put(33, (byte) (Ip4.RST | Ip4.ACK));
        }
        rst.sumTransport();
        return at;
    }

    /** Destination unreachable; quotes the header and 8 bytes. */
    static ByteBuffer unreachable(Ip4 about, int code, InetAddress from) {
        int quote = about.headerLength() + 8;
        ByteBuffer packet = ByteBuffer.allocate(28 + quote);
        Ip4 icmp = packet(Ip4.ICMP, 8 + quote, from, about.sourceAddress());
        packet.put(0, icmp.buffer(), 0, 20).put(20, (byte) 3).put(21, (byte) code);
        packet.put(28, about.buffer(), about.payload() - about.headerLength(), quote);
        Ip4.of(packet).orElseThrow().sumIcmp();
        return packet;
    }

    /** Turns an echo request into its answer. */
    static void echo(Ip4 request) {
        InetAddress from = request.sourceAddress();
        request.sourceAddress(request.destinationAddress());
        request.destinationAddress(from);
        request.buffer().put(request.payload(), (byte) 0);
        request.sumIcmp();
    }
}
