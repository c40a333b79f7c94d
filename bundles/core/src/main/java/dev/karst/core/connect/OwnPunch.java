// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.core.udp.SharedSocket;
import dev.karst.spi.net.UdpSocket;

/** A socket of one attempt alone. */
final class OwnPunch extends Punch {
    private final UdpSocket socket;

    OwnPunch(SharedSocket shared, UdpSocket socket, String user) {
        super(shared, user, Outside.unknown());
        this.socket = socket;
    }

    UdpSocket socket() {
        return socket;
    }
}
