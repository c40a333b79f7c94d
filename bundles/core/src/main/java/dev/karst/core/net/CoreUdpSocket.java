// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.UdpSocket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;

/** A UDP socket; reads at most {@value #BATCH} datagrams before others have their turn. */
final class CoreUdpSocket extends Driven implements UdpSocket, SocketOwner.Owned {
    private static final int BATCH = 64;
    private static final int KERNEL_BUFFER = 1024 * 1024;

    private final SocketOwner.Slot slot = new SocketOwner.Slot();
    private final DatagramChannel udp;
    private final InetSocketAddress local;
    private volatile boolean closed;
    private Handler handler; // guarded by this
    private boolean over; // guarded by this

    private CoreUdpSocket(CoreNetwork net, DatagramChannel udp) throws IOException {
        super(net, udp);
        this.udp = udp;
        local = (InetSocketAddress) udp.getLocalAddress();
    }

    static CoreUdpSocket bind(CoreNetwork net, InetSocketAddress at) throws IOException {
        DatagramChannel udp = DatagramChannel.open(); // serves both families where there are two
        try {
            udp.setOption(StandardSocketOptions.SO_RCVBUF, KERNEL_BUFFER);
            udp.setOption(StandardSocketOptions.SO_SNDBUF, KERNEL_BUFFER);
            udp.bind(at);
            if (at.getAddress() != null && !at.getAddress().isAnyLocalAddress()) {
                NetworkInterface i = NetworkInterface.getByInetAddress(at.getAddress());
                if (i != null && i.supportsMulticast()) {
                    udp.setOption(StandardSocketOptions.IP_MULTICAST_IF, i);
                }
            }
            return new CoreUdpSocket(net, udp);
        } catch (IOException | RuntimeException e) {
            udp.close();
            throw e;
        }
    }

    /** Receives what is sent to a group on one interface, beside others who do. */
    static CoreUdpSocket join(CoreNetwork net, InetSocketAddress group, String interfaceName)
            throws IOException {
        NetworkInterface i = NetworkInterface.getByName(interfaceName);
        if (i == null) {
            throw new IOException("no interface " + interfaceName);
        }
        boolean v6 = group.getAddress() instanceof Inet6Address;
        DatagramChannel udp =
                DatagramChannel.open(
                        v6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
        try {
            udp.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            udp.setOption(StandardSocketOptions.IP_MULTICAST_IF, i);
            udp.bind(new InetSocketAddress(group.getPort()));
            udp.join(group.getAddress(), i);
            return new CoreUdpSocket(net, udp);
        } catch (IOException | RuntimeException e) {
            udp.close();
            throw e;
        }
    }

    @Override
    public InetSocketAddress local() {
        return local;
    }

    @Override
    public void start(Handler h) {
        boolean late;
        synchronized (this) {
            if (handler != null) {
                throw new IllegalStateException("started already");
            }
            handler = h;
            late = over;
        }
        if (late) {
            submit(() -> tellClosed(h));
        } else {
            want(SelectionKey.OP_READ, !closed);
        }
    }

    @Override
    public boolean send(InetSocketAddress to, ByteBuffer datagram) {
        if (closed) {
            return false;
        }
        try {
            return udp.send(datagram, to) > 0 || !datagram.hasRemaining();
        } catch (IOException | RuntimeException e) { // unreachable, too long, unresolved, closed
            net.count("net.udp-send-failed");
            return false;
        }
    }

    @Override
    void ready(int ops) {
        Handler h;
        synchronized (this) {
            h = handler;
        }
        ByteBuffer buffer = net.inChunks.take();
        try {
            for (int i = 0; i < BATCH && !closed; i++) {
                InetSocketAddress from = (InetSocketAddress) udp.receive(buffer.clear());
                if (from == null) {
                    return;
                }
                h.datagram(from, buffer.flip());
            }
        } catch (IOException e) {
            if (udp.isOpen()) {
                net.count("net.udp-receive-failed");
            }
        } catch (Throwable e) { // a foreign handler
            net.count("net.handler-failed");
            close();
        } finally {
            net.inChunks.give(buffer);
        }
    }

    @Override
    void shut() {
        SocketOwner.over(this);
        Handler h;
        synchronized (this) {
            over = true;
            h = handler;
        }
        if (h != null) {
            tellClosed(h);
        }
    }

    private void tellClosed(Handler h) {
        try {
            h.closed();
        } catch (Throwable e) {
            net.count("net.handler-failed");
        }
    }

    @Override
    void end(IOException why) {
        close();
    }

    @Override
    public void close() {
        closed = true;
        want(SelectionKey.OP_READ, false);
        closeChannel();
    }

    @Override
    public SocketOwner.Slot slot() {
        return slot;
    }
}
