// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.time.Duration;

/**
 * What a link does to packets, in each direction.
 *
 * @param delay one way
 * @param jitter added evenly from 0 to this; packets may overtake each other
 * @param loss 0 to 1
 * @param rate bits per second, 0 for no limit; what does not fit a queue of 100 ms is dropped
 */
public record LinkQuality(Duration delay, Duration jitter, double loss, long rate) {

    static final LinkQuality PERFECT = new LinkQuality(Duration.ZERO, Duration.ZERO, 0, 0);

    boolean perfect() {
        return equals(PERFECT);
    }

    /**
     * With one word more: {@code delay=15 jitter=2} (milliseconds), {@code loss=1} (percent),
     * {@code rate=10} (Mbit/s).
     */
    LinkQuality with(String key, double value) {
        if (!(value >= 0 && value <= 1_000_000)) {
            throw new LabException(key + "=" + value + " is out of range");
        }
        Duration millis = Duration.ofNanos(Math.round(value * 1e6));
        return switch (key) {
            case "delay" -> new LinkQuality(millis, jitter, loss, rate);
            case "jitter" -> new LinkQuality(delay, millis, loss, rate);
            case "loss" -> new LinkQuality(delay, jitter, Math.min(1, value / 100), rate);
            case "rate" -> new LinkQuality(delay, jitter, loss, Math.round(value * 1e6));
            default -> throw new LabException("a link has no " + key);
        };
    }
}
