// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.spi.net.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** A bound UDP port of a host. */
final class SimUdpSocket implements UdpSocket {
    private static final int LARGEST = 65_507;
    private static final int KEPT_BEFORE_START = 64;

    private record Early(InetSocketAddress from, byte[] bytes) {}

    private SimNetwork view;
    private final SimHost host;
    private final InetSocketAddress local;
    private final long flow;
    private final ArrayDeque<Early> early = new ArrayDeque<>();
    private Handler handler;
    private boolean closed;

    SimUdpSocket(SimNetwork view, InetSocketAddress local) {
        this.view = view;
        this.host = view.host();
        this.local = local;
        this.flow = host.world().newFlow();
    }

    @Override
    public InetSocketAddress local() {
        return local;
    }

    boolean takes(InetSocketAddress to) {
        return SocketTable.matches(local, to);
    }

    /** Whether it listens to a multicast group, as others may too. */
    boolean group() {
        return local.getAddress().isMulticastAddress();
    }

    @Override
    public void start(Handler h) {
        if (handler != null) {
            throw new IllegalStateException("started already");
        }
        handler = h;
        host.after(java.time.Duration.ZERO, this::startEvent);
    }

    private void startEvent() {
        if (closed) {
            call(handler::closed);
        }
        while (!closed && !early.isEmpty()) {
            Early e = early.poll();
            show(e.from(), e.bytes());
        }
    }

    void receive(InetSocketAddress from, byte[] bytes) {
        if (closed) {
            return;
        }
        if (handler != null) {
            show(from, bytes);
        } else if (early.size() < KEPT_BEFORE_START) {
            early.add(new Early(from, bytes));
        }
    }

    private void show(InetSocketAddress from, byte[] bytes) {
        ByteBuffer b = host.buffer();
        b.put(bytes).flip();
        call(() -> handler.datagram(from, b));
    }

    private void call(Runnable r) {
        try {
            r.run();
        } catch (RuntimeException | Error e) {
            host.count("net.handler-failed");
            host.world().failed(host.name() + " udp " + Packet.text(local), e);
        }
    }

    @Override
    public boolean send(InetSocketAddress to, ByteBuffer datagram) {
        if (closed || datagram.remaining() > LARGEST || to.isUnresolved()) {
            return false;
        }
        byte[] bytes = new byte[datagram.remaining()];
        datagram.get(bytes);
        try {
            InetAddress source =
                    local.getAddress().isAnyLocalAddress() || group()
                            ? host.sourceFor(to.getAddress())
                            : local.getAddress();
            InetSocketAddress from = new InetSocketAddress(source, local.getPort());
            host.send(new Packet(from, to, flow, new Packet.Datagram(bytes)));
            return true;
        } catch (IOException e) {
            return false; // no route, as an operating system would say
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        early.clear();
        host.sockets().remove(this);
        view.remove(this);
        if (handler != null) {
            host.after(java.time.Duration.ZERO, () -> call(handler::closed));
        }
    }

    /** It is another view's now, and closes with that. */
    void moveTo(SimNetwork other) {
        view.remove(this);
        view = other;
        other.add(this);
    }
}
