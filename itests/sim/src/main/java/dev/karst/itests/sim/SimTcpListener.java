// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.spi.net.TcpAcceptor;
import dev.karst.spi.net.TcpListener;
import java.net.InetSocketAddress;

/** A listening port of a host. */
final class SimTcpListener implements TcpListener {
    private final SimNetwork view;
    private final InetSocketAddress local;
    private final TcpAcceptor acceptor;

    SimTcpListener(SimNetwork view, InetSocketAddress local, TcpAcceptor acceptor) {
        this.view = view;
        this.local = local;
        this.acceptor = acceptor;
    }

    @Override
    public InetSocketAddress local() {
        return local;
    }

    boolean takes(InetSocketAddress to) {
        return SocketTable.matches(local, to);
    }

    void syn(Packet p, Packet.Segment s) {
        SimHost host = view.host();
        TcpFlow flow = new TcpFlow(p.flow(), "?", host.name(), p.from(), p.to());
        TcpConnection c = new TcpConnection(view, flow, p.to(), p.from());
        view.add(c);
        host.world().accepted(c);
        c.accept(acceptor, s.self());
    }

    @Override
    public void close() {
        view.host().sockets().remove(this);
        view.remove(this);
    }
}
