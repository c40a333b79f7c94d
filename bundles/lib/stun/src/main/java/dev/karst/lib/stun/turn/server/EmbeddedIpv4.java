// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * The IPv4 addresses that an IPv6 address stands for. Whoever may not reach 127.0.0.1 must not
 * reach it through one of these either.
 */
final class EmbeddedIpv4 {
    private EmbeddedIpv4() {}

    /** The address itself first, then all that are in it. */
    static List<InetAddress> canonical(InetAddress address) {
        List<InetAddress> out = new ArrayList<>(List.of(address));
        byte[] a = address.getAddress();
        if (a.length != 16) {
            return out;
        }
        boolean noTop = zero(a, 0, 8);
        if (noTop && zero(a, 8, 12) // compatible, RFC 4291 section 2.5.5.1
                || noTop && zero(a, 8, 10) && is(a, 10, 0xff, 0xff) // mapped
                || noTop && is(a, 8, 0xff, 0xff, 0, 0) // translated, RFC 2765
                || is(a, 0, 0, 0x64, 0xff, 0x9b) && zero(a, 4, 12)) { // NAT64, RFC 6052
            out.add(four(a, 12, 0));
        }
        if (is(a, 0, 0x20, 0x02)) { // 6to4, RFC 3056
            out.add(four(a, 2, 0));
        }
        if (is(a, 0, 0x20, 0x01, 0, 0)) { // Teredo, RFC 4380: server, and client inverted
            out.add(four(a, 4, 0));
            out.add(four(a, 12, 0xff));
        }
        if ((a[8] & 0xfd) == 0 && is(a, 9, 0, 0x5e, 0xfe)) { // ISATAP, RFC 5214
            out.add(four(a, 12, 0));
        }
        return out;
    }

    private static boolean zero(byte[] a, int from, int to) {
        for (int i = from; i < to; i++) {
            if (a[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean is(byte[] a, int at, int... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if ((a[at + i] & 0xff) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static InetAddress four(byte[] a, int at, int mask) {
        byte[] out = new byte[4];
        for (int i = 0; i < 4; i++) {
            out[i] = (byte) (a[at + i] ^ mask);
        }
        try {
            return InetAddress.getByAddress(out);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
