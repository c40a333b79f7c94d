// SPDX-License-Identifier: Apache-2.0
package dev.karst;

/** Where a session stands. */
public enum PeerState {
    /** A first path is being looked for. */
    CONNECTING,
    /** At least one authenticated path. */
    CONNECTED,
    /** All paths lost; redialing. Pipes wait, nothing is lost. */
    SUSPENDED,
    /** Over; this object will not come back. */
    CLOSED
}
