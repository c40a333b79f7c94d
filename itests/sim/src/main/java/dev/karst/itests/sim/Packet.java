// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.net.InetSocketAddress;
import java.util.zip.CRC32;

/**
 * What travels.
 *
 * @param flow names the connection or socket pair it belongs to, whatever addresses it shows now;
 *     faults go by it, stations must not look at it
 */
public record Packet(InetSocketAddress from, InetSocketAddress to, long flow, Body body) {
    /** What is inside. */
    public sealed interface Body {
        /** Bytes on the wire, headers included. */
        int size();
    }

    /** A UDP datagram. */
    public record Datagram(byte[] bytes) implements Body {
        @Override
        public int size() {
            return 28 + bytes.length;
        }

        @Override
        public String toString() {
            return "udp len=" + bytes.length + " crc=" + crc(bytes);
        }
    }

    /**
     * A TCP segment; one may stand for several of the real thing.
     *
     * @param seq offset of its first byte; the FIN has an offset of its own
     * @param ack offset up to which everything arrived
     * @param window bytes beyond {@code ack} that the sender of this segment can take
     * @param self names the connection at its sender, as its initial sequence number would
     * @param peer names the one at the other end that the sender believes in; 0 = none yet
     */
    public record Segment(
            Kind kind, long seq, long ack, int window, byte[] data, long self, long peer)
            implements Body {
        /** The reset that answers this segment where nobody wants it (RFC 9293 3.10.7.1). */
        public Segment refusal() {
            return new Segment(Kind.RST, ack, 0, 0, new byte[0], peer, self);
        }

        @Override
        public int size() {
            return 40 + data.length;
        }

        @Override
        public String toString() {
            String s = "tcp " + kind + " seq=" + seq + " ack=" + ack;
            return data.length == 0 ? s : s + " len=" + data.length + " crc=" + crc(data);
        }
    }

    /**
     * Destination unreachable (RFC 792); from the box that says so, port 0.
     *
     * @param about the packet that did not get through, as that box saw it
     */
    public record IcmpError(Unreachable why, Packet about) implements Body {
        @Override
        public int size() {
            return 56;
        }

        @Override
        public String toString() {
            return "icmp " + why + " (" + about + ")";
        }
    }

    /** Codes of that. */
    public enum Unreachable {
        /** Code 3. */
        PORT,
        /** Code 13. */
        ADMIN_PROHIBITED
    }

    /** What a segment is for. */
    public enum Kind {
        SYN,
        SYN_ACK,
        ACK,
        DATA,
        FIN,
        RST,
        /** Asks for an ACK, when the window is closed. */
        PROBE
    }

    /** The same packet from elsewhere, as a NAT sends it on. */
    public Packet withFrom(InetSocketAddress address) {
        return new Packet(address, to, flow, body);
    }

    /** The same packet to elsewhere. */
    public Packet withTo(InetSocketAddress address) {
        return new Packet(from, address, flow, body);
    }

    boolean tcp() {
        return body instanceof Segment;
    }

    private static String crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return Long.toHexString(crc.getValue());
    }

    @Override
    public String toString() {
        return text(from) + " > " + text(to) + " " + body;
    }

    static String text(InetSocketAddress a) {
        String host = a.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + a.getPort();
    }
}
