// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.server;

/**
 * How much a server answers.
 *
 * @param rate answers per second for one source (an IPv4 address, an IPv6 /64) in the long run
 * @param burst answers at once for a source that was quiet
 * @param total answers per second for all together; at once a tenth of that
 * @param sources sources that are remembered; beyond, the one not seen for longest is forgotten
 */
public record StunLimits(int rate, int burst, int total, int sources) {
    /** 50 a second, 200 at once, 20,000 a second for all, 16,384 sources (about 2 MiB). */
    public static final StunLimits DEFAULT = new StunLimits(50, 200, 20_000, 16_384);

    public StunLimits {
        if (rate < 1 || burst < 1 || total < 1 || sources < 1) {
            throw new IllegalArgumentException("rate, burst, total and sources are at least 1");
        }
    }
}
