// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Address literals; never asks a name server, as {@link InetAddress#getByName} may. */
public final class IpLiteral {
    private IpLiteral() {}

    /**
     * Reads an IPv4 address of four numbers, or an IPv6 one (RFC 4291 section 2.2) without zone.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static InetAddress parse(String text) {
        try {
            return InetAddress.getByAddress(text.contains(":") ? six(text) : four(text));
        } catch (UnknownHostException | NumberFormatException e) {
            throw new IllegalArgumentException("not an address: " + text, e);
        }
    }

    private static byte[] four(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] out = new byte[4];
        if (parts.length != 4) {
            throw new IllegalArgumentException("not an address: " + text);
        }
        for (int i = 0; i < 4; i++) {
            out[i] = (byte) number(parts[i], 10, 3, 255);
        }
        return out;
    }

    private static int number(String text, int radix, int digits, int most) {
        int n = text.length() > digits ? -1 : Integer.parseInt(text, radix);
        if (n < 0 || n > most || text.startsWith("+") || text.startsWith("-")) {
            throw new IllegalArgumentException("not a number of an address: " + text);
        }
        return n;
    }

    private static byte[] six(String text) {
        int gap = text.indexOf("::");
        List<Integer> head = groups(gap < 0 ? text : text.substring(0, gap));
        List<Integer> tail = groups(gap < 0 ? "" : text.substring(gap + 2));
        int all = head.size() + tail.size();
        if (gap < 0 ? all != 8 : all > 7) {
            throw new IllegalArgumentException("not an address: " + text);
        }
        byte[] out = new byte[16];
        for (int i = 0; i < all; i++) {
            int group = i < head.size() ? head.get(i) : tail.get(i - head.size());
            int at = 2 * (i < head.size() ? i : 8 - all + i);
            out[at] = (byte) (group >> 8);
            out[at + 1] = (byte) group;
        }
        return out;
    }

    private static List<Integer> groups(String text) {
        List<Integer> out = new ArrayList<>();
        for (String part : text.isEmpty() ? new String[0] : text.split(":", -1)) {
            if (part.contains(".")) {
                byte[] v = four(part);
                out.add((v[0] & 0xff) << 8 | v[1] & 0xff);
                out.add((v[2] & 0xff) << 8 | v[3] & 0xff);
            } else {
                out.add(number(part, 16, 4, 0xffff));
            }
        }
        return out;
    }
}
