// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import dev.karst.core.udp.SharedSocket;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.traversal.RelayPunchSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A view of the core's shared socket; also of one on the relay's host, which lets all in. */
final class SimPunch implements RelayPunchSocket {
    private final SharedSocket shared;
    private final UdpSocket view;
    private final String user;
    private final InetSocketAddress mapped;

    SimPunch(SharedSocket shared, String user, InetSocketAddress mapped) {
        this.shared = shared;
        this.view = shared.punch(user);
        this.user = user;
        this.mapped = mapped;
    }

    DatagramFlow flow(InetSocketAddress remote) {
        return shared.flow(remote);
    }

    @Override
    public Optional<InetSocketAddress> mapped() {
        return Optional.ofNullable(mapped);
    }

    @Override
    public Optional<InetSocketAddress> forwarded() {
        return Optional.empty();
    }

    @Override
    public String user() {
        return user;
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

    @Override
    public InetSocketAddress server() {
        return view.local();
    }

    @Override
    public CompletionStage<Void> permit(InetAddress peer) {
        return CompletableFuture.completedFuture(null);
    }
}
