// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import java.net.InetSocketAddress;

/** The world, as an {@link IceAgent} sees it. Called from within its methods: never call back. */
public interface IceSink {
    /**
     * Sends STUN.
     *
     * @param socket the number that it was added under
     */
    void send(int socket, InetSocketAddress to, byte[] stun);

    /** An authenticated packet of the peer came by that socket from that address. */
    default void heard(int socket, InetSocketAddress from) {}

    /**
     * Whether a pair that a check succeeded on could carry data. Asked of the controlling side; one
     * that cannot fails.
     */
    default boolean free(IcePath path) {
        return true;
    }

    /** A check went there and back. May come several times, with different pairs. */
    default void valid(IcePath path) {}

    /** This is the pair. Comes again where the peer nominates a better one later. */
    void nominated(IcePath path);

    /** All pairs failed and patience is over. The last call. */
    void failed();

    /** The peer did not answer for too long: nothing may be sent there any more. The last call. */
    default void consentLost(IcePath path) {}

    /** Something was dropped; lower case, digits, dots and hyphens. */
    default void count(String what) {}
}
