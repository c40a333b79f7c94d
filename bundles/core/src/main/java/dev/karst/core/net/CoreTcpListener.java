// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.TcpAcceptor;
import dev.karst.spi.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Listens; rests a while when the machine has no descriptors left. */
final class CoreTcpListener extends Driven implements TcpListener, SocketOwner.Owned {
    private static final int BACKLOG = 1024;
    private static final int BATCH = 64;
    private static final Duration REST = Duration.ofMillis(100);

    private final SocketOwner.Slot slot = new SocketOwner.Slot();
    private final ServerSocketChannel server;
    private final InetSocketAddress local;
    private final SocketOwner owner;
    private volatile TcpAcceptor acceptor;

    private CoreTcpListener(
            CoreNetwork net, ServerSocketChannel server, SocketOwner owner, TcpAcceptor acceptor)
            throws IOException {
        super(net, server);
        this.server = server;
        this.owner = owner;
        this.acceptor = acceptor;
        local = (InetSocketAddress) server.getLocalAddress();
        want(SelectionKey.OP_ACCEPT, true);
    }

    static CoreTcpListener bind(
            CoreNetwork net, InetSocketAddress at, SocketOwner owner, TcpAcceptor acceptor)
            throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(at, BACKLOG);
            return new CoreTcpListener(net, server, owner, acceptor);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    @Override
    void ready(int ops) {
        for (int i = 0; i < BATCH && acceptor != null; i++) {
            SocketChannel accepted;
            try {
                accepted = server.accept();
            } catch (IOException e) {
                if (server.isOpen()) {
                    net.count("net.accept-failed");
                    want(SelectionKey.OP_ACCEPT, false);
                    net.later(REST, () -> want(SelectionKey.OP_ACCEPT, acceptor != null));
                }
                return;
            }
            if (accepted == null) {
                return;
            }
            admit(accepted);
        }
    }

    private void admit(SocketChannel accepted) {
        CoreTcpSocket socket;
        try {
            socket = CoreTcpSocket.accepted(net, accepted);
        } catch (IOException | RuntimeException e) {
            net.count("net.accept-failed"); // it was gone before it was here
            try {
                accepted.close();
            } catch (IOException again) {
                net.count("net.close-failed");
            }
            return;
        }
        TcpAcceptor to = acceptor;
        if (to == null || !owner.own(socket)) {
            socket.end(new IOException("nobody listens any more"));
            return;
        }
        socket.join();
        socket.submit(
                () -> {
                    try {
                        to.accepted(socket);
                    } catch (Throwable e) { // a foreign callback
                        net.count("net.acceptor-failed");
                        socket.end(new IOException("the acceptor failed", e));
                    }
                });
    }

    @Override
    void shut() {
        SocketOwner.over(this);
    }

    @Override
    void end(IOException why) {
        close();
    }

    @Override
    public InetSocketAddress local() {
        return local;
    }

    @Override
    public void close() {
        acceptor = null;
        want(SelectionKey.OP_ACCEPT, false);
        closeChannel();
    }

    @Override
    public SocketOwner.Slot slot() {
        return slot;
    }
}
