// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.IpAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A server that is asked, and what it said. */
final class Server {
    private static final long FIRST_GUESS = 100_000_000;
    private static final long SLACK = 20_000_000;

    private final ServerName name;
    private final InetSocketAddress address;
    private InetSocketAddress other;
    private long rtt;

    Server(ServerName name, InetSocketAddress address) {
        this.name = name;
        this.address = address;
    }

    InetSocketAddress address() {
        return address;
    }

    InetAddress ip() {
        return address.getAddress();
    }

    /** Its other address and port as it says; null if it has none that may be used. */
    InetSocketAddress other() {
        return other;
    }

    void other(InetSocketAddress a) {
        other = a;
    }

    /** Its own address with the other port. */
    InetSocketAddress otherPort() {
        return new InetSocketAddress(ip(), other.getPort());
    }

    /** Keeps the shortest round trip. */
    void measured(long nanos) {
        rtt = rtt == 0 ? nanos : Math.min(rtt, nanos);
    }

    /** The shortest round trip in nanoseconds, 0 before the first answer. */
    long rtt() {
        return rtt;
    }

    /**
     * When to ask again: half as long again as the shortest round trip. Not RFC 8489's 500 ms,
     * which would be most of the time that the whole detection takes: what is asked again here is a
     * few packets in all, whatever the network does with them.
     */
    long patience() {
        return rtt == 0 ? FIRST_GUESS : rtt + rtt / 2 + SLACK;
    }

    @Override
    public String toString() {
        String where = IpAddresses.text(address);
        return where.startsWith(name.host()) || where.startsWith("[" + name.host())
                ? where
                : name.host() + " " + where;
    }
}
