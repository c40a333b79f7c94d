// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/** Address literals; never a name, so nothing is ever resolved for a router. */
final class Literals {
    /** Of an IPv4 address in IPv6 form, which no gateway has to use. */
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

    private Literals() {}

    /** Without brackets; an IPv6 zone is allowed and dropped. */
    static Optional<InetAddress> parse(String text) {
        int zone = text.indexOf('%');
        String s = zone < 0 ? text : text.substring(0, zone);
        byte[] bytes = s.indexOf(':') < 0 && zone < 0 ? v4(s) : v6(s);
        try {
            return bytes == null ? Optional.empty() : Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** As in a URL, without zone. */
    static String bracketed(InetAddress a) {
        return a.getAddress().length == 4 ? a.getHostAddress() : "[" + plain(a) + "]";
    }

    /** Without zone; IPv6 as RFC 5952 has it, since routers compare addresses as text. */
    static String plain(InetAddress a) {
        byte[] b = a.getAddress();
        if (b.length == 4) {
            return a.getHostAddress();
        }
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (b[2 * i] & 0xff) << 8 | b[2 * i + 1] & 0xff;
        }
        int gap = 8;
        int longest = 1; // one zero is written
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > longest) {
                longest = end - i;
                gap = i;
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == gap) {
                out.append("::");
                i += longest - 1;
            } else {
                out.append(i == 0 || out.charAt(out.length() - 1) == ':' ? "" : ":");
                out.append(Integer.toHexString(groups[i]));
            }
        }
        return out.toString();
    }

    /** The same bits, whatever the zone. */
    static boolean same(InetAddress a, InetAddress b) {
        return Arrays.equals(a.getAddress(), b.getAddress());
    }

    private static byte[] v4(String s) {
        String[] parts = s.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] out = new byte[4];
        for (int i = 0; i < 4; i++) {
            // "010" is eight to some and ten to others
            boolean odd = parts[i].length() > 1 && parts[i].startsWith("0");
            long n = parts[i].length() > 3 || odd ? -1 : Foreign.number(parts[i], 255);
            if (n < 0) {
                return null;
            }
            out[i] = (byte) n;
        }
        return out;
    }

    private static byte[] v6(String s) {
        int gap = s.indexOf("::");
        if (s.length() > 45 || gap >= 0 && s.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        byte[] head = groups(gap < 0 ? s : s.substring(0, gap), gap < 0);
        byte[] tail = gap < 0 ? new byte[0] : groups(s.substring(gap + 2), true);
        if (head == null || tail == null) {
            return null;
        }
        int length = head.length + tail.length;
        if (gap < 0 ? length != 16 : length > 14) {
            return null;
        }
        byte[] out = Arrays.copyOf(head, 16);
        System.arraycopy(tail, 0, out, 16 - tail.length, tail.length);
        boolean mapped = Arrays.equals(Arrays.copyOf(out, 12), MAPPED);
        return mapped ? null : out;
    }

    /** Groups between colons; the last may be an IPv4 address. */
    private static byte[] groups(String s, boolean last) {
        if (s.isEmpty()) {
            return new byte[0];
        }
        String[] parts = s.split(":", -1);
        byte[] out = new byte[2 * parts.length + 2];
        int n = 0;
        if (parts.length > 8) {
            return null;
        }
        for (int i = 0; i < parts.length; i++) {
            String p = parts[i];
            if (last && i == parts.length - 1 && p.indexOf('.') >= 0) {
                byte[] v4 = v4(p);
                if (v4 == null) {
                    return null;
                }
                System.arraycopy(v4, 0, out, n, 4);
                n += 4;
            } else if (p.matches("[0-9A-Fa-f]{1,4}")) {
                int group = Integer.parseInt(p, 16);
                out[n++] = (byte) (group >> 8);
                out[n++] = (byte) group;
            } else {
                return null;
            }
        }
        return Arrays.copyOf(out, n);
    }
}
