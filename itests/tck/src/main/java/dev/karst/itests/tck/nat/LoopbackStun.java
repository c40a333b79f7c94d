// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.nat;

import dev.karst.lib.stun.StunFramer;
import dev.karst.lib.stun.server.StunEnds;
import dev.karst.lib.stun.server.StunLimits;
import dev.karst.lib.stun.server.StunResponder;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/** A STUN server of RFC 5780 on two loopback addresses, over UDP and TCP; or one that is mute. */
public final class LoopbackStun {
    private static final int TRIES = 20;

    private final Network network;
    private final boolean mute;
    private final List<InetSocketAddress> at = new ArrayList<>();
    private final List<UdpSocket> udp = new ArrayList<>();
    private final List<TcpListener> tcp = new ArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final StunResponder responder;

    /**
     * Starts on 127.0.0.{@code n} and 127.0.0.{@code n + 1}; all of 127/8 is this machine on Linux.
     *
     * @param mute takes everything and answers nothing
     */
    public LoopbackStun(Network network, int n, boolean mute) {
        this.network = network;
        this.mute = mute;
        bind("127.0.0." + n, "127.0.0." + (n + 1));
        responder = new StunResponder(new StunEnds(at), StunLimits.DEFAULT, c -> {});
        for (int i = 0; i < at.size(); i++) {
            int end = i;
            udp.get(i).start((from, bytes) -> udp(end, from, bytes));
        }
    }

    /** Both addresses need the same two ports, which somebody else may have. */
    private void bind(String a, String b) {
        for (int i = 0; ; i++) {
            try {
                bind(new InetSocketAddress(a, 0));
                int port = at.get(0).getPort();
                int other = port < 65535 ? port + 1 : port - 1;
                bind(new InetSocketAddress(a, other));
                bind(new InetSocketAddress(b, port));
                bind(new InetSocketAddress(b, other));
                return;
            } catch (CompletionException e) {
                close();
                if (i == TRIES) {
                    throw e;
                }
            }
        }
    }

    private void bind(InetSocketAddress address) {
        UdpSocket s = network.bindUdp(address).toCompletableFuture().join();
        udp.add(s);
        at.add(s.local());
        int end = at.size() - 1;
        tcp.add(
                network.listenTcp(s.local(), c -> c.start(new Connection(end, c)))
                        .toCompletableFuture()
                        .join());
    }

    /** Where to ask. */
    public InetSocketAddress address() {
        return at.get(0);
    }

    /** Requests that came, to whichever address. */
    public int requests() {
        return requests.get();
    }

    public void close() {
        udp.forEach(UdpSocket::close);
        tcp.forEach(TcpListener::close);
        udp.clear();
        tcp.clear();
        at.clear();
    }

    private synchronized void udp(int end, InetSocketAddress from, ByteBuffer bytes) {
        requests.incrementAndGet();
        if (!mute) {
            responder
                    .udp(end, from, bytes, System.nanoTime())
                    .ifPresent(a -> udp.get(a.end()).send(a.to(), ByteBuffer.wrap(a.bytes())));
        }
    }

    private synchronized void tcp(int end, TcpSocket socket, byte[] message) {
        requests.incrementAndGet();
        if (!mute) {
            responder
                    .tcp(end, socket.remote(), ByteBuffer.wrap(message), System.nanoTime())
                    .ifPresent(a -> socket.write(ByteBuffer.wrap(a.bytes())));
        }
    }

    private final class Connection implements TcpHandler {
        private final int end;
        private final TcpSocket socket;
        private final StunFramer framer = new StunFramer(2048, false);

        Connection(int end, TcpSocket socket) {
            this.end = end;
            this.socket = socket;
        }

        @Override
        public void bytes(ByteBuffer bytes) {
            framer.feed(bytes).forEach(m -> tcp(end, socket, m));
        }

        @Override
        public void closed(Optional<Throwable> why) {}
    }
}
