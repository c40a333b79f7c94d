// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Addresses as PCP writes them: always 128 bits (RFC 6887 section 5). */
final class Wire {
    static final int ADDRESS = 16;

    private Wire() {}

    static void put(ByteBuffer to, InetAddress a) {
        if (a instanceof Inet4Address) {
            to.putLong(0).putShort((short) 0).putShort((short) 0xffff);
        }
        to.put(a.getAddress());
    }

    /** An IPv4-mapped address becomes an IPv4 address. */
    static InetAddress address(ByteBuffer from) {
        byte[] bytes = new byte[ADDRESS];
        from.get(bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** "Any": all zeros of that family. */
    static InetAddress any(boolean ipv6) {
        try {
            return InetAddress.getByAddress(new byte[ipv6 ? 16 : 4]);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    static int u8(ByteBuffer b) {
        return b.get() & 0xff;
    }

    static int u16(ByteBuffer b) {
        return b.getShort() & 0xffff;
    }

    static long u32(ByteBuffer b) {
        return b.getInt() & 0xffffffffL;
    }
}
