// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/**
 * IP addresses as text, and kinds of them. Reads literals only, so that no name server is ever
 * asked (the JDK's {@link InetAddress#getByName} may ask one); writes as RFC 5952 says, so that an
 * address has one text (the JDK writes IPv6 without {@code ::}).
 */
public final class IpAddresses {
    private static final int GROUPS = 8;

    private IpAddresses() {}

    /**
     * Reads an address of four decimal numbers, or one of IPv6 as of RFC 4291 section 2.2, without
     * brackets or zone. A number with a leading zero is none: {@code 010} is eight to some and ten
     * to others. {@code ::ffff:192.0.2.1} is an IPv4 address, as in all of Java.
     */
    public static Optional<InetAddress> parse(String text) {
        byte[] ip = text.indexOf(':') < 0 ? four(text) : six(text);
        try {
            return ip == null ? Optional.empty() : Optional.of(InetAddress.getByAddress(ip));
        } catch (UnknownHostException e) {
            return Optional.empty(); // neither 4 nor 16 bytes
        }
    }

    /** {@code 192.0.2.1}, {@code 2001:db8::1}: RFC 5952, without zone. */
    public static String text(InetAddress a) {
        byte[] b = a.getAddress();
        if (b.length == 4) {
            return a.getHostAddress();
        }
        int gap = -1; // where the longest run of zeros begins
        int longest = 1; // a single zero is written
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && group(b, end) == 0) {
                end++;
            }
            if (end - i > longest) {
                gap = i;
                longest = end - i;
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == gap) {
                out.append("::");
                i += longest - 1;
            } else {
                out.append(i == 0 || out.charAt(out.length() - 1) == ':' ? "" : ":");
                out.append(Integer.toHexString(group(b, i)));
            }
        }
        return out.toString();
    }

    /** {@code 192.0.2.1:4001}, {@code [2001:db8::1]:4001}. */
    public static String text(InetSocketAddress a) {
        String ip = text(a.getAddress());
        return (ip.indexOf(':') < 0 ? ip : "[" + ip + "]") + ":" + a.getPort();
    }

    /** 100.64.0.0/10: between a carrier's NAT and its customers (RFC 6598). */
    public static boolean isShared(InetAddress a) {
        byte[] b = a.getAddress();
        return b.length == 4 && b[0] == 100 && (b[1] & 0xc0) == 64;
    }

    /**
     * Whether it means something within its own network only: private (RFC 1918), unique local (RFC
     * 4193) or link-local.
     */
    public static boolean isPrivate(InetAddress a) {
        byte[] b = a.getAddress();
        return a.isSiteLocalAddress()
                || a.isLinkLocalAddress()
                || b.length == 16 && (b[0] & 0xfe) == 0xfc;
    }

    /** Whether the Internet could lead there: not private, shared, local, multicast, reserved. */
    public static boolean isPublic(InetAddress a) {
        byte[] b = a.getAddress();
        return !isPrivate(a)
                && !isShared(a)
                && !a.isAnyLocalAddress()
                && !a.isLoopbackAddress()
                && !a.isMulticastAddress()
                && !(b.length == 4 && (b[0] == 0 || (b[0] & 0xff) >= 240));
    }

    private static int group(byte[] ip, int i) {
        return (ip[2 * i] & 0xff) << 8 | ip[2 * i + 1] & 0xff;
    }

    private static byte[] four(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] ip = new byte[4];
        for (int i = 0; i < 4; i++) {
            if (parts.length != 4 || !parts[i].matches("0|[1-9][0-9]{0,2}")) {
                return null;
            }
            int n = Integer.parseInt(parts[i]);
            if (n > 255) {
                return null;
            }
            ip[i] = (byte) n;
        }
        return ip;
    }

    private static byte[] six(String text) {
        int gap = text.indexOf("::");
        byte[] head = groups(gap < 0 ? text : text.substring(0, gap), gap < 0);
        byte[] tail = groups(gap < 0 ? "" : text.substring(gap + 2), true);
        if (head == null || tail == null) {
            return null;
        }
        int length = head.length + tail.length;
        if (gap < 0 ? length != 2 * GROUPS : length >= 2 * GROUPS) {
            return null;
        }
        byte[] ip = Arrays.copyOf(head, 2 * GROUPS);
        System.arraycopy(tail, 0, ip, ip.length - tail.length, tail.length);
        return ip;
    }

    /** Null if malformed. Only the last of an address may be written as IPv4. */
    private static byte[] groups(String text, boolean last) {
        String[] parts = text.isEmpty() ? new String[0] : text.split(":", -1);
        if (parts.length > GROUPS) {
            return null;
        }
        byte[] out = new byte[2 * parts.length + 2];
        int n = 0;
        for (int i = 0; i < parts.length; i++) {
            byte[] v4 = last && i == parts.length - 1 ? four(parts[i]) : null;
            if (v4 != null) {
                System.arraycopy(v4, 0, out, n, 4);
                n += 4;
            } else if (parts[i].matches("[0-9a-fA-F]{1,4}")) {
                int group = Integer.parseInt(parts[i], 16);
                out[n++] = (byte) (group >> 8);
                out[n++] = (byte) group;
            } else {
                return null;
            }
        }
        return Arrays.copyOf(out, n);
    }
}
