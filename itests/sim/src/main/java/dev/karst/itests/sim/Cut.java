// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

/** How a connection is killed. */
public enum Cut {
    /** Both ends see a reset at once. */
    RESET,
    /** Nobody is told: from now on every segment vanishes. */
    SILENT,
    /** The end that connected sees a reset; the other hears nothing ever again. */
    CLIENT_ONLY,
    /** The end that accepted sees a reset; the other hears nothing ever again. */
    SERVER_ONLY
}
