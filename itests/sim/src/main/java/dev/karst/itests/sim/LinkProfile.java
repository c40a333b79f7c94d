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
 * @param burst losses that come together, on top of {@code loss}
 */
public record LinkProfile(
        Duration delay,
        Duration jitter,
        double loss,
        double duplicate,
        double reorder,
        long rate,
        long queue,
        Burst burst) {
    /**
     * Loss as Gilbert and Elliott describe it: a link is good or bad, and may change with each
     * packet.
     *
     * @param enter chance to turn bad; bursts come every {@code 1 / enter} packets or so
     * @param leave chance to turn good; a burst is {@code 1 / leave} packets long, on average
     * @param loss chance that a packet is lost while it is bad
     */
    public record Burst(double enter, double leave, double loss) {
        /** Always good. */
        public static final Burst NONE = new Burst(0, 1, 0);
    }

    /** A clean link with this delay one way. */
    public static LinkProfile of(Duration delay) {
        return new LinkProfile(delay, Duration.ZERO, 0, 0, 0, 0, 1 << 20, Burst.NONE);
    }

    public LinkProfile withJitter(Duration most) {
        return new LinkProfile(delay, most, loss, duplicate, reorder, rate, queue, burst);
    }

    public LinkProfile withLoss(double chance) {
        return new LinkProfile(delay, jitter, chance, duplicate, reorder, rate, queue, burst);
    }

    public LinkProfile withDuplicate(double chance) {
        return new LinkProfile(delay, jitter, loss, chance, reorder, rate, queue, burst);
    }

    public LinkProfile withReorder(double chance) {
        return new LinkProfile(delay, jitter, loss, duplicate, chance, rate, queue, burst);
    }

    public LinkProfile withRate(long bytesPerSecond) {
        return new LinkProfile(
                delay, jitter, loss, duplicate, reorder, bytesPerSecond, queue, burst);
    }

    public LinkProfile withQueue(long bytes) {
        return new LinkProfile(delay, jitter, loss, duplicate, reorder, rate, bytes, burst);
    }

    public LinkProfile withBurst(double enter, double leave, double lossInside) {
        Burst b = new Burst(enter, leave, lossInside);
        return new LinkProfile(delay, jitter, loss, duplicate, reorder, rate, queue, b);
    }
}
