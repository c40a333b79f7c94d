// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.nat;

/**
 * How a NAT picks the external port of a new mapping, as seen from probe sockets.
 *
 * @param step signed distance of consecutive external ports; 0 where the kind has none
 * @param confidence 0 to 1: how well the kind explains what was seen
 * @param low lowest external port seen, 0 if none
 * @param high highest external port seen, 0 if none; the NAT's range is at least this wide
 * @param arrivals mappings per second that others seem to open on the same NAT; 0 where the kind
 *     does not show it
 */
public record PortAllocation(
        Kind kind, int step, double confidence, int low, int high, double arrivals) {
    /** What the external port follows. */
    public enum Kind {
        UNKNOWN,
        /** The local port itself. */
        PRESERVED,
        /** The local port plus a constant. */
        PRESERVING_DISTANCE,
        /** The latest mapping's external port plus a step, whatever the local ports. */
        INDEPENDENT_STEP,
        /** The latest mapping's external port plus a step while local ports are consecutive. */
        DEPENDENT_STEP,
        RANDOM
    }

    public PortAllocation {
        if (!(confidence >= 0 && confidence <= 1)) {
            throw new IllegalArgumentException("confidence must be 0 to 1: " + confidence);
        }
        if (!(arrivals >= 0)) {
            throw new IllegalArgumentException("arrivals must not be negative: " + arrivals);
        }
    }

    public static PortAllocation unknown() {
        return new PortAllocation(Kind.UNKNOWN, 0, 0, 0, 0, 0);
    }
}
