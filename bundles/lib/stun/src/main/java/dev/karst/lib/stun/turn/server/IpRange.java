// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.InetAddress;

/**
 * Addresses that share a prefix.
 *
 * @param base whose first bits count
 * @param prefix how many of them
 */
public record IpRange(InetAddress base, int prefix) {
    public IpRange {
        if (prefix < 0 || prefix > 8 * base.getAddress().length) {
            throw new IllegalArgumentException("not a prefix length: " + prefix);
        }
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code fc00::/7}, or one address.
     *
     * @throws IllegalArgumentException if it is none of these; names are not looked up
     */
    public static IpRange parse(String text) {
        int slash = text.indexOf('/');
        String ip = (slash < 0 ? text : text.substring(0, slash)).trim();
        try {
            InetAddress base = IpLiteral.parse(ip);
            int all = 8 * base.getAddress().length;
            return new IpRange(
                    base, slash < 0 ? all : Integer.parseInt(text.substring(slash + 1).trim()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not an address range: " + text, e);
        }
    }

    /** Whether it is among them; never for the other family. */
    public boolean contains(InetAddress address) {
        byte[] a = address.getAddress();
        byte[] b = base.getAddress();
        if (a.length != b.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit += 8) {
            int mask = prefix - bit >= 8 ? 0xff : 0xff00 >> prefix - bit & 0xff;
            if (((a[bit / 8] ^ b[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
