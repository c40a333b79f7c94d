// SPDX-License-Identifier: Apache-2.0
package dev.karst.relay.turn;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a relay is, RFC 7065: {@code turn:host:port?transport=udp}.
 *
 * @param host name or address literal
 * @param port of it
 * @param over what
 */
record TurnUrl(String host, int port, Over over) {
    private static final int MOST = 16;

    /** How to get there. */
    enum Over {
        UDP,
        TCP,
        TLS
    }

    /**
     * Reads URLs, each text one or more of them, comma-separated. One of {@code turn:} without
     * {@code transport} stands for UDP and TCP.
     *
     * @throws IllegalArgumentException that names the wrong one
     */
    static List<TurnUrl> parse(List<String> texts) {
        List<TurnUrl> out = new ArrayList<>();
        for (String several : texts) {
            for (String one : several.split(",")) {
                if (!one.isBlank()) {
                    add(one.trim(), out);
                }
            }
        }
        if (out.isEmpty() || out.size() > MOST) {
            throw new IllegalArgumentException("url: 1 to " + MOST + " expected");
        }
        return List.copyOf(out);
    }

    private static void add(String text, List<TurnUrl> out) {
        boolean tls = text.startsWith("turns:");
        if (!tls && !text.startsWith("turn:")) {
            throw wrong(text);
        }
        String rest = text.substring(tls ? 6 : 5);
        int question = rest.indexOf('?');
        String query = question < 0 ? "" : rest.substring(question + 1);
        String authority = question < 0 ? rest : rest.substring(0, question);
        int bracket = authority.indexOf(']');
        int colon = authority.indexOf(':', Math.max(bracket, 0));
        String host = colon < 0 ? authority : authority.substring(0, colon);
        if (bracket >= 0 && host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = tls ? 5349 : 3478;
        if (colon >= 0) {
            try {
                port = Integer.parseInt(authority.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw wrong(text);
            }
        }
        if (host.isEmpty() || !host.matches("[A-Za-z0-9._:%-]+") || port < 1 || port > 0xffff) {
            throw wrong(text);
        }
        if (query.isEmpty() && !tls) {
            out.add(new TurnUrl(host, port, Over.UDP));
        }
        if (query.equals("transport=udp") && !tls) {
            out.add(new TurnUrl(host, port, Over.UDP));
        } else if (query.isEmpty() || query.equals("transport=tcp")) {
            out.add(new TurnUrl(host, port, tls ? Over.TLS : Over.TCP));
        } else {
            throw wrong(text);
        }
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "url: turn:host:port, turn:host:port?transport=udp or =tcp, or turns:host:port"
                        + " expected, not "
                        + text);
    }

    @Override
    public String toString() {
        String at = host.contains(":") ? "[" + host + "]" : host;
        return switch (over) {
            case UDP -> "turn:" + at + ":" + port + "?transport=udp";
            case TCP -> "turn:" + at + ":" + port + "?transport=tcp";
            case TLS -> "turns:" + at + ":" + port;
        };
    }
}
