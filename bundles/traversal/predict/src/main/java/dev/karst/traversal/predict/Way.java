// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

/** How a round tries; the order is that of the wire. */
enum Way {
    /** UDP, each side where the other predicts to be. */
    PORTS,
    /** UDP, many sockets of the initiator, many ports tried by the other side. */
    SPREAD_BY_INITIATOR,
    /** The other way round. */
    SPREAD_BY_RESPONDER,
    /** TCP simultaneous open where each side predicts to be. */
    TCP;

    boolean spread() {
        return this == SPREAD_BY_INITIATOR || this == SPREAD_BY_RESPONDER;
    }
}
