// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.core.udp.SharedSocket;
import dev.karst.spi.net.UdpSocket;

/** A socket of one attempt alone. */
final class OwnPunch extends Punch {
    private final UdpSocket socket;
    private boolean kept; // guarded by this

    OwnPunch(SharedSocket shared, UdpSocket socket, String user) {
        super(shared, user, Outside.unknown());
        this.socket = socket;
    }

    /** A path goes on over it, and closes it. */
    synchronized UdpSocket keep() {
        kept = true;
        return socket;
    }

    /** Nobody else uses the socket: hundreds must not stay open until the attempt ends. */
    @Override
    public void close() {
        super.close();
        synchronized (this) {
            if (kept) {
                return;
            }
        }
        socket.close();
    }
}
