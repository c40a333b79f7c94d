// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

/** How a provider behaves for now. */
enum Manner {
    FINE,
    /** Every call throws. */
    THROWS,
    /** Every stage stays open; what gives no stage does nothing. */
    HANGS,
    /** Every stage completes seconds late. */
    LATE,
    /** Every stage tells its result twice. */
    TWICE
}
