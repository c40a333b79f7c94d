// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import java.time.Duration;

/**
 * Everything of the tunnels that has a limit and is not fixed by the wire.
 *
 * @param connections at once, over all tunnels
 * @param udpSources of one forward
 * @param udpIdle after which a UDP source is forgotten
 * @param connect how long an exposed service may take to accept
 */
record Limits(int connections, int udpSources, Duration udpIdle, Duration connect) {
    /** Datagrams of one source that wait for its pipe to open. */
    static final int WAITING_DATAGRAMS = 32;

    static Limits of(TunnelSettings s) {
        return new Limits(
                positive("maxConnections", s.maxConnections()),
                positive("maxUdpSources", s.maxUdpSources()),
                Duration.ofSeconds(positive("udpIdleSeconds", s.udpIdleSeconds())),
                Duration.ofSeconds(positive("connectSeconds", s.connectSeconds())));
    }

    private static int positive(String name, int value) {
        if (value < 1) {
            throw Texts.wrong(name + " must be 1 or more: " + value);
        }
        return value;
    }
}
