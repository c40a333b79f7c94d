// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A STUN server as the settings name it: {@code host}, {@code host:port}, {@code [v6]:port}. */
record ServerName(String host, int port) {
    private static final int PORT = 3478;

    /** More are not asked: the answers of a few tell as much. */
    static final int MOST = 6;

    /** Reads the setting; a list in one text, separated by commas or blanks, is fine. */
    static List<ServerName> parse(List<String> settings) {
        Set<ServerName> out = new LinkedHashSet<>();
        for (String each : settings) {
            for (String text : each.trim().split("[,\\s]+")) {
                if (!text.isEmpty()) {
                    out.add(parse(text));
                }
            }
        }
        List<ServerName> list = new ArrayList<>(out);
        return List.copyOf(list.subList(0, Math.min(MOST, list.size())));
    }

    private static ServerName parse(String text) {
        String t = text.startsWith("stun:") ? text.substring(5) : text;
        int colon = t.lastIndexOf(':');
        boolean bare =
                colon < 0 || t.endsWith("]") || t.indexOf(':') != colon && t.charAt(0) != '[';
        String host = bare ? t : t.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = bare ? PORT : port(t.substring(colon + 1));
        if (host.isEmpty() || host.indexOf('[') >= 0 || port < 1 || port > 65535) {
            throw new IllegalArgumentException("servers: host or host:port expected: " + text);
        }
        return new ServerName(host, port);
    }

    private static int port(String text) {
        return text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    }

    @Override
    public String toString() {
        String h = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == PORT ? h : h + ":" + port;
    }
}
