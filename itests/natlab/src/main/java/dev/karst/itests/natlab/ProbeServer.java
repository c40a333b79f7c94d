// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Answers probes at two addresses and two ports each, as asked from elsewhere than where it was
 * asked.
 */
final class ProbeServer implements Closeable {

    private static final List<String> ADDRESSES = List.of(Plan.SERVER, Plan.SERVER2);
    private static final int[] PORTS = {ProbeWire.PORT, ProbeWire.PORT2};

    private final NetNs ns;
    private final List<Channel> open = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final DatagramChannel[][] udp = new DatagramChannel[2][2];

    private ProbeServer(NetNs ns) {
        this.ns = ns;
    }

    static ProbeServer start(Lab lab) throws Exception {
        ProbeServer server = new ProbeServer(lab.ns("s"));
        List<Runnable> loops = server.ns.call(server::bind);
        loops.forEach(
                loop -> {
                    Thread thread = new Thread(null, loop, "probe-server", 256 * 1024);
                    thread.setDaemon(true);
                    thread.start();
                    server.threads.add(thread);
                });
        return server;
    }

    private List<Runnable> bind() throws IOException {
        List<Runnable> loops = new ArrayList<>();
        for (int a = 0; a < 2; a++) {
            for (int p = 0; p < 2; p++) {
                int address = a;
                int port = p;
                InetSocketAddress at = ProbeWire.at(ADDRESSES.get(a), PORTS[p]);
                udp[a][p] = DatagramChannel.open(StandardProtocolFamily.INET);
                open.add(udp[a][p]);
                udp[a][p].bind(at);
                ServerSocketChannel tcp = ServerSocketChannel.open(StandardProtocolFamily.INET);
                open.add(tcp);
                tcp.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                tcp.bind(at, 512);
                loops.add(() -> answerUdp(address, port));
                loops.add(() -> accept(tcp, address));
            }
        }
        return loops;
    }

    private void answerUdp(int a, int p) {
        ByteBuffer in = ByteBuffer.allocate(64);
        try {
            while (true) {
                in.clear();
                InetSocketAddress from = (InetSocketAddress) udp[a][p].receive(in);
                if (in.flip().remaining() != ProbeWire.REQUEST) {
                    continue;
                }
                long token = in.getLong();
                byte what = in.get();
                DatagramChannel by =
                        switch (what) {
                            case ProbeWire.OTHER_PORT -> udp[a][1 - p];
                            case ProbeWire.OTHER_ADDRESS -> udp[1 - a][1 - p];
                            default -> udp[a][p];
                        };
                if (what == ProbeWire.LATER) {
                    later(by, token, from);
                } else {
                    send(by, token, what, from);
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    private static void send(DatagramChannel by, long token, byte what, InetSocketAddress to) {
        try {
            by.send(ProbeWire.answer(token, what, to), to);
        } catch (IOException e) {
            // closed, or an ICMP error of an earlier answer
        }
    }

    private static void later(DatagramChannel by, long millis, InetSocketAddress to) {
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)
                .execute(() -> send(by, millis, ProbeWire.LATER, to));
    }

    private void accept(ServerSocketChannel tcp, int address) {
        try {
            while (true) {
                SocketChannel channel = tcp.accept();
                open.add(channel);
                // A connection back is made from here, so the thread has to be in the namespace.
                ns.start(
                        () -> {
                            try (channel) {
                                answerTcp(channel, address);
                            } finally {
                                open.remove(channel);
                            }
                            return null;
                        });
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void answerTcp(SocketChannel channel, int address) throws IOException {
        InetSocketAddress from = (InetSocketAddress) channel.getRemoteAddress();
        ByteBuffer in = ByteBuffer.allocate(ProbeWire.REQUEST);
        while (true) {
            in.clear();
            while (in.hasRemaining()) {
                if (channel.read(in) < 0) {
                    return;
                }
            }
            long token = in.flip().getLong();
            byte what = in.get();
            if (what != ProbeWire.SAME) {
                String source = ADDRESSES.get(what == ProbeWire.OTHER_PORT ? address : 1 - address);
                what =
                        Tcp.connects(source, from, Probe.PATIENCE_MS) == Tcp.Outcome.OPEN
                                ? what
                                : ProbeWire.REFUSED;
            }
            ByteBuffer out = ProbeWire.answer(token, what, from);
            while (out.hasRemaining()) {
                channel.write(out);
            }
        }
    }

    /**
     * Its ports are free again afterwards: they are as long as a thread waits at a socket, even a
     * closed one.
     */
    @Override
    public void close() {
        for (Channel channel : open) {
            try {
                channel.close();
            } catch (IOException e) {
                // no more use of it
            }
        }
        try {
            for (Thread thread : threads) {
                thread.join(5000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
