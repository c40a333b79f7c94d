// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import dev.karst.core.udp.SharedSocket;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.traversal.PunchSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A socket of an attempt's own, by the core's rules. */
final class TrialSocket implements PunchSocket {
    private final SharedSocket shared;
    private final UdpSocket view;
    private final String user;

    TrialSocket(SharedSocket shared, String user) {
        this.shared = shared;
        this.view = shared.punch(user);
        this.user = user;
    }

    DatagramFlow flow(InetSocketAddress remote) {
        return shared.flow(remote);
    }

    @Override
    public Optional<InetSocketAddress> mapped() {
        return Optional.empty();
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
}
