// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads address literals, and never asks a name server: the JDK's own reader might. */
final class Literal {
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9]\\d{0,2}");
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{1,4}");
    private static final int GROUPS = 8;

    private Literal() {}

    /** IPv4 as four decimals, IPv6 as of RFC 4291 section 2.2, without zone. */
    static Optional<InetAddress> read(String text) {
        byte[] ip = text.indexOf(':') < 0 ? v4(text) : v6(text);
        try {
            return ip == null ? Optional.empty() : Optional.of(InetAddress.getByAddress(ip));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static byte[] v4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] ip = new byte[4];
        for (int i = 0; i < 4; i++) {
            if (!DECIMAL.matcher(parts[i]).matches() || Integer.parseInt(parts[i]) > 255) {
                return null;
            }
            ip[i] = (byte) Integer.parseInt(parts[i]);
        }
        return ip;
    }

    private static byte[] v6(String text) {
        int gap = text.indexOf("::");
        List<Integer> head = gap < 0 ? groups(text, true) : groups(text.substring(0, gap), false);
        List<Integer> tail = gap < 0 ? List.of() : groups(text.substring(gap + 2), true);
        if (head == null || tail == null) {
            return null;
        }
        int n = head.size() + tail.size();
        if (gap < 0 ? n != GROUPS : n >= GROUPS) {
            return null;
        }
        byte[] ip = new byte[2 * GROUPS];
        put(ip, 0, head);
        put(ip, GROUPS - tail.size(), tail);
        return ip;
    }

    private static void put(byte[] ip, int at, List<Integer> groups) {
        for (int i = 0; i < groups.size(); i++) {
            ip[2 * (at + i)] = (byte) (groups.get(i) >> 8);
            ip[2 * (at + i) + 1] = (byte) (int) groups.get(i);
        }
    }

    /** Null if malformed; only the last may be written as IPv4. */
    private static List<Integer> groups(String text, boolean last) {
        List<Integer> out = new ArrayList<>();
        if (text.isEmpty()) {
            return out;
        }
        String[] parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            byte[] v4 = last && i == parts.length - 1 ? v4(parts[i]) : null;
            if (v4 != null) {
                out.add((v4[0] & 0xff) << 8 | v4[1] & 0xff);
                out.add((v4[2] & 0xff) << 8 | v4[3] & 0xff);
            } else if (HEX.matcher(parts[i]).matches()) {
                out.add(Integer.parseInt(parts[i], 16));
            } else {
                return null;
            }
        }
        return out;
    }
}
