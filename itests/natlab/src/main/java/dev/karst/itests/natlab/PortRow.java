// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A line of {@code karst:ports}.
 *
 * @param external empty while it is not open
 * @param by the protocol, or {@code -}
 * @param until empty while it is not open, or without an end
 * @param reachable {@code yes}, {@code unknown}, {@code no: why}, or {@code -}
 */
record PortRow(
        String protocol,
        InetSocketAddress internal,
        Optional<InetSocketAddress> external,
        String by,
        Optional<Instant> until,
        String reachable) {

    /** All lines that are rows; others are passed over. */
    static List<PortRow> parse(String out) {
        List<PortRow> rows = new ArrayList<>();
        for (String line : out.lines().toList()) {
            String[] cells = line.split("\\|", -1);
            if (cells.length == 7 && cells[0].strip().matches("tcp|udp")) {
                rows.add(
                        new PortRow(
                                cells[0].strip(),
                                endpoint(cells[1].strip()).orElseThrow(),
                                endpoint(cells[2].strip()),
                                cells[3].strip(),
                                instant(cells[5].strip()),
                                cells[6].strip()));
            }
        }
        return rows;
    }

    private static Optional<InetSocketAddress> endpoint(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("[\\[\\]]", "");
        if (!host.matches("[0-9a-f.:]+")) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new InetSocketAddress(
                            InetAddress.getByName(host),
                            Integer.parseInt(text.substring(colon + 1))));
        } catch (UnknownHostException e) {
            throw new LabException("no address: " + text, e);
        }
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    boolean six() {
        return internal.getAddress().getAddress().length == 16;
    }

    /** What the router must have for it: see {@link Miniupnpd#open}. */
    String onRouter() {
        InetSocketAddress at = external.orElseThrow();
        return six()
                ? protocol
                        + " ["
                        + HexFormat.of().formatHex(at.getAddress().getAddress())
                        + "]:"
                        + at.getPort()
                : protocol
                        + " "
                        + at.getPort()
                        + " to "
                        + internal.getAddress().getHostAddress()
                        + ":"
                        + internal.getPort();
    }
}
