// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

/** Something in a {@link Realm} that packets are brought to: a host, or a box between realms. */
public interface Station {
    /** Unique in its world. */
    String name();

    /** A packet came for one of its addresses, or to be forwarded. */
    void receive(Packet packet);
}
