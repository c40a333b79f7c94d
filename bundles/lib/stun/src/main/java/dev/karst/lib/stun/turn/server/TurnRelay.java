// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/** A relayed address of an allocation, and who may write to it. */
final class TurnRelay {
    final Allocation allocation;
    final RelayPort port;
    final InetSocketAddress address;

    final Map<InetAddress, Permission> permissions = new HashMap<>(4);
    final Map<InetSocketAddress, Channel> channels = new HashMap<>(4);

    /** May be renewed; {@code socket}: also what comes through the socket is let in. */
    static final class Permission {
        final boolean socket;
        long expiresAt;

        Permission(boolean socket) {
            this.socket = socket;
        }
    }

    TurnRelay(Allocation allocation, RelayPort port) {
        this.allocation = allocation;
        this.port = port;
        this.address = port.address();
        port.owner = this;
    }

    boolean four() {
        return address.getAddress() instanceof Inet4Address;
    }

    /** The permission of that peer; null if there is none. */
    Permission permission(InetAddress peer, long now) {
        Permission p = permissions.get(peer);
        return p == null || p.expiresAt - now <= 0 ? null : p;
    }

    void close() {
        port.owner = null;
        port.close();
    }
}
