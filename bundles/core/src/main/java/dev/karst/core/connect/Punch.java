// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.udp.Flow;
import dev.karst.core.udp.SharedSocket;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.traversal.PunchSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/** An attempt's view of one socket, with what is known of it. */
class Punch implements PunchSocket {
    /** What is known of a socket from outside. */
    record Outside(Optional<InetSocketAddress> mapped, Optional<InetSocketAddress> forwarded) {
        static Outside unknown() {
            return new Outside(Optional.empty(), Optional.empty());
        }
    }

    private final SharedSocket shared;
    private final UdpSocket view;
    private final String user;
    private final Outside outside;

    Punch(SharedSocket shared, String user, Outside outside) {
        this.shared = shared;
        this.view = shared.punch(user);
        this.user = user;
        this.outside = outside;
    }

    @Override
    public Optional<InetSocketAddress> mapped() {
        return outside.mapped();
    }

    @Override
    public Optional<InetSocketAddress> forwarded() {
        return outside.forwarded();
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public boolean taken(InetSocketAddress remote) {
        return shared.taken(remote);
    }

    @Override
    public InetSocketAddress local() {
        return view.local();
    }

    @Override
    public void start(Handler handler) {
        view.start(handler);
    }

    @Override
    public boolean send(InetSocketAddress to, ByteBuffer datagram) {
        return view.send(to, datagram);
    }

    @Override
    public void close() {
        view.close();
    }

    Flow flow(InetSocketAddress remote) {
        return shared.flow(remote);
    }

    /** Who holds the address at a relay, if data through it goes by one; else null. */
    ProviderHandle<RelayProvider> relayedBy() {
        return null;
    }
}
