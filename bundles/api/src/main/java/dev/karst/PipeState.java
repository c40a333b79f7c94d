// SPDX-License-Identifier: Apache-2.0
package dev.karst;

/** Where a pipe stands. */
public enum PipeState {
    OPEN,
    /** No path at the moment: writes fill the replay buffer, then wait. */
    SUSPENDED,
    /** Over, finished or failed. */
    CLOSED
}
