// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;

/** Whole packets for tests, with right checksums. */
final class Packets {

    private Packets() {}

    static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(address, port);
    }

    private static ByteBuffer ip(
            int protocol, int payload, InetSocketAddress from, InetSocketAddress to) {
        ByteBuffer p = ByteBuffer.allocate(20 + payload);
        p.put(0, (byte) 0x45)
                .putShort(2, (short) p.limit())
                .put(8, (byte) 64)
                .put(9, (byte) protocol);
        p.put(12, from.getAddress().getAddress()).put(16, to.getAddress().getAddress());
        if (protocol != Ip4.ICMP) {
            p.putShort(20, (short) from.getPort()).putShort(22, (short) to.getPort());
        }
        return p;
    }

    private static ByteBuffer summed(ByteBuffer p) {
        Ip4 ip = Ip4.of(p).orElseThrow();
        ip.sumHeader();
        if (ip.protocol() == Ip4.ICMP) {
            ip.sumIcmp();
        } else {
            ip.sumTransport();
        }
        return p;
    }

    static ByteBuffer udp(InetSocketAddress from, InetSocketAddress to, int data, Random random) {
        ByteBuffer p = ip(Ip4.UDP, 8 + data, from, to);
        byte[] bytes = new byte[data];
        random.nextBytes(bytes);
        p.putShort(24, (short) (8 + data)).put(28, bytes);
        return summed(p);
    }

    static ByteBuffer tcp(
            InetSocketAddress from, InetSocketAddress to, int flags, int data, Random random) {
        ByteBuffer p = ip(Ip4.TCP, 20 + data, from, to);
        byte[] bytes = new byte[data];
        random.nextBytes(bytes);
        p.putInt(24, random.nextInt())
                .putInt(28, random.nextInt())
                .put(32, (byte) 0x50)
                .put(33, (byte) flags);
        p.put(40, bytes);
        return summed(p);
    }

    static ByteBuffer echo(InetSocketAddress from, InetSocketAddress to, int type, int id) {
        ByteBuffer p = ip(Ip4.ICMP, 24, from, to);
        p.put(20, (byte) type).putShort(24, (short) id).putLong(28, 0x0123456789abcdefL);
        return summed(p);
    }

    /** One of a router on the way, or of the receiver. */
    static ByteBuffer unreachable(String from, ByteBuffer about) {
        Ip4 ip = Ip4.of(about).orElseThrow();
        return Ip4Replies.unreachable(ip, Ip4Replies.PORT_UNREACHABLE, at(from, 0).getAddress());
    }
}
