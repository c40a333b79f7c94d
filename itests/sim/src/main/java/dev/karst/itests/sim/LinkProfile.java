// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.time.Duration;

/**
 * What one direction of a link does to packets.
 *
 * @param delay of every packet
 * @param jitter up to this much is added at random; TCP segments keep their order
 * @param loss chance that a packet vanishes; TCP sends it again
 * @param duplicate chance that a datagram arrives twice
 * @param reorder chance that a datagram is held back by up to {@code 2 * delay + 5 ms} more
 * @param rate bytes per second; 0 = no limit
 * @param queue bytes that may wait for their turn before packets are dropped
 */
public record LinkProfile(
        Duration delay,
        Duration jitter,
        double loss,
        double duplicate,
        double reorder,
        long rate,
        long queue) {
    /** A clean link with this delay one way. */
    public static LinkProfile of(Duration delay) {
        return new LinkProfile(delay, Duration.ZERO, 0, 0, 0, 0, 1 << 20);
    }

    public LinkProfile withJitter(Duration most) {
        return new LinkProfile(delay, most, loss, duplicate, reorder, rate, queue);
    }

    public LinkProfile withLoss(double chance) {
        return new LinkProfile(delay, jitter, chance, duplicate, reorder, rate, queue);
    }

    public LinkProfile withDuplicate(double chance) {
        return new LinkProfile(delay, jitter, loss, chance, reorder, rate, queue);
    }

    public LinkProfile withReorder(double chance) {
        return new LinkProfile(delay, jitter, loss, duplicate, chance, rate, queue);
    }

    public LinkProfile withRate(long bytesPerSecond) {
        return new LinkProfile(delay, jitter, loss, duplicate, reorder, bytesPerSecond, queue);
    }

    public LinkProfile withQueue(long bytes) {
        return new LinkProfile(delay, jitter, loss, duplicate, reorder, rate, bytes);
    }
}
