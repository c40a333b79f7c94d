// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A datagram of SSDP (UPnP Device Architecture 1.1 section 1), an answer or a notification.
 *
 * @param answer to an M-SEARCH, else a NOTIFY
 * @param headers by name in lower case; the first of each name
 */
record SsdpMessage(boolean answer, Map<String, String> headers) {
    private static final int MOST_BYTES = 4096;
    private static final int MOST_HEADERS = 40;

    /** What a datagram says; empty if it is neither, or too long. */
    static Optional<SsdpMessage> parse(ByteBuffer datagram) {
        if (datagram.remaining() > MOST_BYTES) {
            return Optional.empty();
        }
        String[] lines =
                StandardCharsets.ISO_8859_1
                        .decode(datagram.duplicate())
                        .toString()
                        .split("\r?\n", -1);
        String first = lines[0].trim().toUpperCase(Locale.ROOT);
        boolean answer = first.matches("HTTP/1\\.[0-9] 200( .*)?");
        if (!answer && !first.matches("NOTIFY \\* HTTP/1\\.[0-9]")) {
            return Optional.empty();
        }
        Map<String, String> headers = new HashMap<>();
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0 && headers.size() < MOST_HEADERS) {
                headers.putIfAbsent(
                        lines[i].substring(0, colon).trim().toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).trim());
            }
        }
        return Optional.of(new SsdpMessage(answer, Map.copyOf(headers)));
    }

    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /** The device's own mark, of its USN: {@code uuid:…} up to the colons; empty if none. */
    String uuid() {
        String usn = header("usn");
        int end = usn.indexOf("::");
        String id = end < 0 ? usn : usn.substring(0, end);
        return id.regionMatches(true, 0, "uuid:", 0, 5) ? Foreign.text(id.substring(5), 64) : "";
    }

    /** Grows with each restart; empty if it is not told or no number. */
    String boot() {
        return number("bootid.upnp.org");
    }

    /** What {@link #boot} is about to become, in ssdp:update. */
    String nextBoot() {
        return number("nextbootid.upnp.org");
    }

    private String number(String name) {
        long n = Foreign.number(header(name), Long.MAX_VALUE);
        return n < 0 ? "" : Long.toString(n);
    }

    /** Asks who is there. MX is for groups; a device that is asked alone answers at once. */
    static byte[] search(String host, String target, boolean group) {
        String text =
                "M-SEARCH * HTTP/1.1\r\n"
                        + ("HOST: " + host + "\r\n")
                        + "MAN: \"ssdp:discover\"\r\n"
                        + (group ? "MX: 1\r\n" : "")
                        + ("ST: " + target + "\r\n")
                        + "USER-AGENT: Karst UPnP/1.1\r\n"
                        + "\r\n";
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
