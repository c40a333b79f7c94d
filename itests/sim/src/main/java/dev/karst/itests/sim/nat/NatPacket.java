// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import java.net.InetSocketAddress;

/**
 * What a box has to know of a packet.
 *
 * @param protocol of the packet; for an ICMP error, of the one it quotes
 * @param kind what it is for
 * @param from source; for an ICMP error, that of the packet it quotes, which went the other way
 * @param to destination, likewise
 */
public record NatPacket(
        Protocol protocol, Kind kind, InetSocketAddress from, InetSocketAddress to) {
    /** What is above IP. */
    public enum Protocol {
        UDP,
        TCP
    }

    /** What it is for. */
    public enum Kind {
        /** A UDP datagram, or a TCP segment that is none of the others. */
        DATA,
        /** SYN without ACK. */
        SYN,
        SYN_ACK,
        FIN,
        RST,
        /** Destination unreachable, about a packet of {@link #protocol}. */
        ICMP_ERROR
    }

    public static NatPacket udp(InetSocketAddress from, InetSocketAddress to) {
        return new NatPacket(Protocol.UDP, Kind.DATA, from, to);
    }

    public static NatPacket tcp(Kind kind, InetSocketAddress from, InetSocketAddress to) {
        return new NatPacket(Protocol.TCP, kind, from, to);
    }

    /** An ICMP error that quotes this packet. */
    public NatPacket error() {
        return new NatPacket(protocol, Kind.ICMP_ERROR, from, to);
    }

    @Override
    public String toString() {
        String what = protocol == Protocol.UDP && kind == Kind.DATA ? "udp" : protocol + " " + kind;
        return text(from) + " > " + text(to) + " " + what.toLowerCase(java.util.Locale.ROOT);
    }

    static String text(InetSocketAddress a) {
        String host = a.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + a.getPort();
    }
}
