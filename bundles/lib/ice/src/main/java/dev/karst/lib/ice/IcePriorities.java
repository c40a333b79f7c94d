// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

/** Priorities, RFC 8445 sections 5.1.2.1 and 6.1.2.3. */
public final class IcePriorities {
    static final long MAX = 0x7fff_ffffL;

    private IcePriorities() {}

    /**
     * Of a candidate of component 1.
     *
     * @param localPreference 0 to 65,535, the higher the better: IPv6 before IPv4, wire before air
     */
    public static long of(CandidateType type, int localPreference) {
        if (localPreference < 0 || localPreference > 0xffff) {
            throw new IllegalArgumentException("local preference: " + localPreference);
        }
        return (long) type.preference() << 24 | (long) localPreference << 8 | 255;
    }

    /** Of a pair: the controlling side's candidate's priority and the controlled one's. */
    public static long pair(long controlling, long controlled) {
        return (Math.min(controlling, controlled) << 32)
                + 2 * Math.max(controlling, controlled)
                + (controlling > controlled ? 1 : 0);
    }

    /** What the peer says, in the range that RFC 8445 allows. */
    static long clamp(long priority) {
        return Math.max(1, Math.min(MAX, priority));
    }

    /** Type preference 0: relayed, whatever the candidate's type is said to be. */
    static boolean relayed(long priority) {
        return priority >>> 24 == CandidateType.RELAYED.preference();
    }
}
