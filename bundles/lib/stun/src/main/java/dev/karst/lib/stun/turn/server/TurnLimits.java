// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

/**
 * What a server gives at most.
 *
 * @param lifetime of an allocation if the client asks for less, in seconds
 * @param maxLifetime of an allocation, in seconds
 * @param nonceLifetime in seconds; RFC 8656 section 5 wants at most an hour
 * @param allocations in all
 * @param perUser allocations of one user
 * @param peers addresses with a permission, and channels, of one allocation each
 * @param bytesPerSecond of one allocation, both directions together; 0 is no limit
 */
public record TurnLimits(
        int lifetime,
        int maxLifetime,
        int nonceLifetime,
        int allocations,
        int perUser,
        int peers,
        long bytesPerSecond) {
    /** 600 s, an hour, 600 s; 4,000 allocations, 200 for a user, 256 peers, any rate. */
    public static final TurnLimits DEFAULT = new TurnLimits(600, 3600, 600, 4000, 200, 256, 0);

    /** Of a permission, in seconds: RFC 8656 section 9. */
    public static final int PERMISSION_SECONDS = 300;

    /** Of a channel, in seconds: RFC 8656 section 12. */
    public static final int CHANNEL_SECONDS = 600;

    public TurnLimits {
        if (lifetime < 1 || maxLifetime < lifetime || nonceLifetime < 1) {
            throw new IllegalArgumentException("lifetimes: at least 1 s, the largest last");
        }
        if (allocations < 1 || perUser < 1 || peers < 1 || bytesPerSecond < 0) {
            throw new IllegalArgumentException("quotas are at least 1");
        }
    }
}
