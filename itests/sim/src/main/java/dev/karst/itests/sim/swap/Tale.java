// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import java.util.List;

/**
 * What came of one seed.
 *
 * @param digest of everything that happened
 * @param swaps providers replaced, removed or gone mad
 * @param faults of networks, routers, relays and brokers
 * @param suspended how often a session was, both sides together
 * @param pausesMillis what the sessions reported of it
 * @param silenceMillis the longest time without bytes for who reads
 * @param backMillis from the end of the last fault until both sides had all that was written
 * @param sent datagrams
 * @param lost datagrams, those refused included
 */
record Tale(
        long seed,
        Weather weather,
        long digest,
        int swaps,
        int faults,
        int suspended,
        List<Integer> pausesMillis,
        int silenceMillis,
        int backMillis,
        long bytes,
        int sent,
        int lost) {}
