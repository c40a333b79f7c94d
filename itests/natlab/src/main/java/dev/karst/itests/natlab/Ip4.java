// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A view of an IPv4 packet with UDP, TCP or ICMP in it, or of the beginning of one that an ICMP
 * error quotes (RFC 791, 768, 9293, 792). Rewriting keeps all checksums right, or as wrong as they
 * came: they are changed by the difference (RFC 1624).
 *
 * <pre>
 *  0 version, header length | 2 total length | 6 fragment | 8 TTL | 9 protocol | 10 checksum | 12 source | 16 destination
 * </pre>
 */
final class Ip4 {

    static final int ICMP = 1;
    static final int TCP = 6;
    static final int UDP = 17;

    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int ACK = 16;

    private final ByteBuffer at;
    private final int start;
    private final int header;
    private final int end;

    private Ip4(ByteBuffer at, int start, int header, int end) {
        this.at = at;
        this.start = start;
        this.header = header;
        this.end = end;
    }

    /** Empty unless it is whole, well formed and no fragment. */
    static Optional<Ip4> of(ByteBuffer packet) {
        Optional<Ip4> ip = headed(packet, 0, packet.limit());
        return ip.filter(
                        p -> {
                            int total = Short.toUnsignedInt(packet.getShort(2));
                            return total <= packet.limit()
                                    && total >= p.header
                                    && !p.fragment()
                                    && p.cut(total).complete();
                        })
                .map(p -> p.cut(Short.toUnsignedInt(packet.getShort(2))));
    }

    private static Optional<Ip4> headed(ByteBuffer packet, int start, int end) {
        if (end - start < 20 || packet.get(start) >> 4 != 4) {
            return Optional.empty();
        }
        int header = (packet.get(start) & 15) * 4;
        return header < 20 || end - start < header
                ? Optional.empty()
                : Optional.of(new Ip4(packet, start, header, end));
    }

    private Ip4 cut(int length) {
        return new Ip4(at, start, header, start + length);
    }

    private boolean complete() {
        int there = end - payload();
        return switch (protocol()) {
            case UDP -> there >= 8;
            case TCP -> there >= 20 && there >= tcpHeader() && tcpHeader() >= 20;
            case ICMP -> there >= 8;
            default -> true;
        };
    }

    /** What an ICMP error quotes: a header and at least the ports. */
    Optional<Ip4> quoted() {
        if (protocol() != ICMP || !icmpError()) {
            return Optional.empty();
        }
        return headed(at, payload() + 8, end)
                .filter(
                        q ->
                                !q.fragment()
                                        && q.end - q.payload() >= 8
                                        && (q.protocol() == UDP || q.protocol() == TCP));
    }

    private boolean fragment() {
        return (at.getShort(start + 6) & 0x3FFF) != 0;
    }

    int protocol() {
        return at.get(start + 9) & 0xFF;
    }

    int headerLength() {
        return header;
    }

    /** Where UDP, TCP or ICMP begins in the buffer. */
    int payload() {
        return start + header;
    }

    int end() {
        return end;
    }

    ByteBuffer buffer() {
        return at;
    }

    private int tcpHeader() {
        return (at.get(payload() + 12) >> 4 & 15) * 4;
    }

    int tcpFlags() {
        return at.get(payload() + 13);
    }

    /** Sequence numbers that the segment takes: data, SYN and FIN. */
    int tcpLength() {
        int flags = tcpFlags();
        return end
                - payload()
                - tcpHeader()
                + ((flags & SYN) != 0 ? 1 : 0)
                + ((flags & FIN) != 0 ? 1 : 0);
    }

    int icmpType() {
        return at.get(payload()) & 0xFF;
    }

    boolean icmpError() {
        int type = icmpType();
        return type == 3 || type == 11 || type == 12;
    }

    int echoId() {
        return Short.toUnsignedInt(at.getShort(payload() + 4));
    }

    InetSocketAddress source() {
        return endpoint(12, 0);
    }

    InetSocketAddress destination() {
        return endpoint(16, 2);
    }

    InetAddress sourceAddress() {
        return address(12);
    }

    InetAddress destinationAddress() {
        return address(16);
    }

    private InetSocketAddress endpoint(int address, int port) {
        return new InetSocketAddress(
                address(address), Short.toUnsignedInt(at.getShort(payload() + port)));
    }

    private InetAddress address(int offset) {
        byte[] bytes = new byte[4];
        at.get(start + offset, bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // four bytes are an address
        }
    }

    void source(InetSocketAddress next) {
        rewrite(12, 0, next);
    }

    void destination(InetSocketAddress next) {
        rewrite(16, 2, next);
    }

    private void rewrite(int address, int port, InetSocketAddress next) {
        address(address, next.getAddress());
        int place = payload() + port;
        int before = Short.toUnsignedInt(at.getShort(place));
        at.putShort(place, (short) next.getPort());
        transport(before, next.getPort());
    }

    void sourceAddress(InetAddress next) {
        address(12, next);
    }

    void destinationAddress(InetAddress next) {
        address(16, next);
    }

    /** Also in the sum of UDP and TCP, whose pseudo header has the addresses. */
    private void address(int offset, InetAddress next) {
        ByteBuffer bytes = ByteBuffer.wrap(next.getAddress());
        for (int i = 0; i < 4; i += 2) {
            int before = Short.toUnsignedInt(at.getShort(start + offset + i));
            int after = Short.toUnsignedInt(bytes.getShort(i));
            at.putShort(start + offset + i, (short) after);
            adjust(start + 10, before, after);
            transport(before, after);
        }
    }

    private void transport(int before, int after) {
        int place = payload() + (protocol() == UDP ? 6 : 16);
        boolean none = protocol() != UDP && protocol() != TCP || place + 2 > end;
        if (none || protocol() == UDP && at.getShort(place) == 0) {
            return; // UDP without a checksum stays so; a quoted TCP header mostly ends before its
            // own
        }
        adjust(place, before, after);
        if (protocol() == UDP && at.getShort(place) == 0) {
            at.putShort(place, (short) 0xFFFF); // zero would say that there is none
        }
    }

    private void adjust(int place, int before, int after) {
        int sum = (~at.getShort(place) & 0xFFFF) + (~before & 0xFFFF) + after;
        sum = (sum & 0xFFFF) + (sum >>> 16);
        sum = (sum & 0xFFFF) + (sum >>> 16);
        at.putShort(place, (short) ~sum);
    }

    void echoId(int next) {
        int before = echoId();
        at.putShort(payload() + 4, (short) next);
        adjust(payload() + 2, before, next);
    }

    /** Of ICMP, anew: for one whose quoted packet was rewritten. */
    void sumIcmp() {
        at.putShort(payload() + 2, (short) 0);
        at.putShort(payload() + 2, (short) ~sum(payload(), end, 0));
    }

    /** Of the header, anew. */
    void sumHeader() {
        at.putShort(start + 10, (short) 0);
        at.putShort(start + 10, (short) ~sum(start, start + header, 0));
    }

    /** Of UDP or TCP, anew. */
    void sumTransport() {
        int place = payload() + (protocol() == UDP ? 6 : 16);
        at.putShort(place, (short) 0);
        int sum = ~transportSum() & 0xFFFF;
        at.putShort(place, (short) (protocol() == UDP && sum == 0 ? 0xFFFF : sum));
    }

    /** Whether all checksums are right. */
    boolean sums() {
        boolean ok = sum(start, start + header, 0) == 0xFFFF;
        return switch (protocol()) {
            case UDP -> ok && (at.getShort(payload() + 6) == 0 || transportSum() == 0xFFFF);
            case TCP -> ok && transportSum() == 0xFFFF;
            case ICMP -> ok && sum(payload(), end, 0) == 0xFFFF;
            default -> ok;
        };
    }

    private int transportSum() {
        return sum(payload(), end, sum(start + 12, start + 20, 0) + protocol() + end - payload());
    }

    private int sum(int from, int to, int begin) {
        long sum = begin;
        int i = from;
        for (; i + 1 < to; i += 2) {
            sum += Short.toUnsignedInt(at.getShort(i));
        }
        if (i < to) {
            sum += (at.get(i) & 0xFF) << 8;
        }
        while (sum > 0xFFFF) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return (int) sum;
    }
}
