// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.server.StunAnswer;
import dev.karst.lib.stun.server.StunEnds;
import dev.karst.lib.stun.server.StunLimits;
import dev.karst.lib.stun.server.StunResponder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sockets for the server's state machines, which are not thread-safe: one thread reads, answers and
 * ticks. Ends with {@link #close}, thread included. Needs no OSGi.
 */
public final class TurnListener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(TurnListener.class.getName());

    private static final long TICK_MILLIS = 1000;

    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Relaying.AT + (1 << 16) + 4);
    private final BoundSockets sockets;
    private final Selector selector;
    private final TcpClients clients;
    private final Relaying relaying;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ThreadPoolExecutor costly = costly();
    private final Thread thread;
    private long tickedAt = System.nanoTime();
    private volatile boolean closed;

    /** What a ready key does. */
    interface Ready {
        void ready(SelectionKey key) throws IOException;
    }

    private TurnListener(ServerConfig config) {
        sockets = BoundSockets.open(config);
        try {
            selector = Selector.open();
        } catch (IOException e) {
            sockets.close();
            throw new IllegalStateException("cannot listen: " + e.getMessage(), e);
        }
        clients =
                new TcpClients(
                        selector, config.connections(), buffer, costly, this::onLoop, this::count);
        try {
            relaying = config.relay().users().any() ? relaying(config) : null;
            Tls tls = config.relay().tls().map(Tls::new).orElse(null);
            int ends = 0;
            for (List<BoundSockets.Socket> group : sockets.groups()) {
                serve(group, ends, config.limits(), tls);
                ends += group.size();
            }
        } catch (IOException e) {
            release();
            throw new IllegalStateException("cannot listen: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            release();
            throw e;
        }
        thread = new Thread(this::run, "karst-server-turn");
        thread.setDaemon(true);
    }

    /** Signatures of TLS handshakes would hold up what is relayed. */
    private static ThreadPoolExecutor costly() {
        ThreadPoolExecutor out =
                new ThreadPoolExecutor(
                        1,
                        1,
                        5,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        r -> {
                            Thread t = new Thread(r, "karst-server-turn-tls");
                            t.setDaemon(true);
                            return t;
                        });
        out.allowCoreThreadTimeOut(true);
        return out;
    }

    private void onLoop(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    private Relaying relaying(ServerConfig config) throws IOException {
        List<ServerConfig.Address> at = OwnAddresses.relayed(config);
        Set<InetAddress> own = new HashSet<>(OwnAddresses.all());
        for (ServerConfig.Address a : at) {
            own.add(a.bind());
            own.add(a.told());
        }
        config.addresses().forEach(a -> own.add(a.told()));
        List<DatagramChannel> ends = new ArrayList<>();
        sockets.groups().forEach(g -> g.forEach(s -> ends.add(s.udp())));
        return new Relaying(
                selector, config.relay(), at, ends, own, sockets.ports(), buffer, this::count);
    }

    /**
     * Listens.
     *
     * @throws IllegalStateException that says which address cannot be bound and why
     */
    static TurnListener open(ServerConfig config) {
        TurnListener listener = new TurnListener(config);
        listener.thread.start();
        LOG.log(
                System.Logger.Level.INFO,
                "{4} at {0}, port {1}{2}{3}",
                config.addresses(),
                Integer.toString(listener.port()),
                config.alternatePort() < 0 ? "" : " and " + listener.alternatePort(),
                config.tcp() ? ", UDP and TCP" : ", UDP",
                listener.relaying == null ? "STUN" : "STUN and TURN");
        return listener;
    }

    /**
     * Listens with the default limits, over UDP and TCP.
     *
     * @param addresses one or two of a family, each {@code address} or {@code address/told}, or a
     *     wildcard alone
     * @param port 0 picks one
     * @param alternatePort 0 picks one, -1 is none
     * @throws IllegalArgumentException if those make no sense
     * @throws IllegalStateException that says which address cannot be bound and why
     */
    public static TurnListener open(List<String> addresses, int port, int alternatePort) {
        return open(
                ServerConfig.of(addresses, port, alternatePort, true, 1024, StunLimits.DEFAULT));
    }

    /**
     * The same with a relay.
     *
     * @param relay settings by the names in the README, such as {@code users}: without {@code
     *     users} and {@code secret} there is none
     */
    public static TurnListener open(
            List<String> addresses, int port, int alternatePort, Map<String, String> relay) {
        return open(
                ServerConfig.of(addresses, port, alternatePort, true, 4096, StunLimits.DEFAULT)
                        .with(RelayConfig.of(relay)));
    }

    private void serve(List<BoundSockets.Socket> group, int first, StunLimits limits, Tls tls)
            throws IOException {
        StunEnds ends = new StunEnds(group.stream().map(BoundSockets.Socket::told).toList());
        StunResponder responder = new StunResponder(ends, limits, this::count);
        List<DatagramChannel> udp = group.stream().map(BoundSockets.Socket::udp).toList();
        for (int i = 0; i < group.size(); i++) {
            Ready datagrams = new Datagrams(responder, udp, i, first + i);
            udp.get(i).register(selector, SelectionKey.OP_READ, datagrams);
            if (group.get(i).tcp() != null) {
                clients.accept(
                        group.get(i).tcp(),
                        new TcpClients.Serves(responder, i, relaying, first + i, null));
            }
            if (group.get(i).tls() != null) {
                clients.accept(
                        group.get(i).tls(),
                        new TcpClients.Serves(responder, i, relaying, first + i, tls));
            }
        }
    }

    /** One of the server's UDP sockets. */
    private final class Datagrams implements Ready {
        private final StunResponder responder;
        private final List<DatagramChannel> group;
        private final DatagramChannel channel;
        private final int end;
        private final int relayEnd;
        private final Batch batch = new Batch();

        Datagrams(StunResponder responder, List<DatagramChannel> group, int end, int relayEnd) {
            this.responder = responder;
            this.group = group;
            this.channel = group.get(end);
            this.end = end;
            this.relayEnd = relayEnd;
        }

        @Override
        public void ready(SelectionKey key) throws IOException {
            int limit = batch.begin();
            for (int i = 0; i < limit; i++) {
                ByteBuffer in = buffer.clear().limit(buffer.capacity() - 4).position(Relaying.AT);
                InetSocketAddress from = (InetSocketAddress) channel.receive(in);
                if (from == null) {
                    batch.end(i);
                    return;
                }
                take(from, in.flip().position(Relaying.AT));
            }
            batch.end(limit);
        }

        private void take(InetSocketAddress from, ByteBuffer in) {
            long now = System.nanoTime();
            // Without its first two bits: STUN of method Binding, or of RFC 3489.
            boolean binding = in.remaining() < 2 || in.getShort(in.position()) == 1;
            if (relaying != null && !binding) {
                relaying.core().datagram(relayEnd, from, in, now);
                return;
            }
            Optional<StunAnswer> answer = responder.udp(end, from, in, now);
            answer.ifPresent(a -> send(group.get(a.end()), a));
        }
    }

    private void send(DatagramChannel from, StunAnswer answer) {
        try {
            if (from.send(ByteBuffer.wrap(answer.bytes()), answer.to()) == 0) {
                count("udp.full");
            }
        } catch (IOException | RuntimeException e) { // such as no route, or a firewall's refusal
            count("udp.unsent");
        }
    }

    private void run() {
        try {
            while (!closed) {
                selector.select(this::handle, TICK_MILLIS);
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                tick(System.nanoTime());
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the STUN server ends", e);
        } finally {
            release();
        }
    }

    private void tick(long now) {
        if (now - tickedAt < TICK_MILLIS * 1_000_000) {
            return;
        }
        tickedAt = now;
        clients.tick(now);
        if (relaying != null) {
            relaying.tick(now);
        }
    }

    private void handle(SelectionKey key) {
        try {
            if (key.isValid()) {
                ((Ready) key.attachment()).ready(key);
            }
        } catch (IOException | UncheckedIOException e) {
            count("io.failed");
            LOG.log(System.Logger.Level.DEBUG, "a socket failed", e);
        } catch (RuntimeException e) {
            count("io.failed");
            LOG.log(System.Logger.Level.WARNING, "a message made the STUN server stumble", e);
        }
    }

    private void release() {
        costly.shutdownNow();
        if (relaying != null) {
            relaying.close();
        }
        clients.close();
        sockets.close();
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing", e);
        }
    }

    private void count(String name) {
        counters.computeIfAbsent(name, n -> new LongAdder()).increment();
    }

    /** The port that all addresses have. */
    public int port() {
        return sockets.port();
    }

    /** The second port that all addresses have; -1 if there is none. */
    public int alternatePort() {
        return sockets.alternatePort();
    }

    /** The port for TLS; -1 if there is none. */
    public int tlsPort() {
        return sockets.tlsPort();
    }

    /** Where clients ask: each address as {@code stun:host:port}, {@code turn:}, {@code turns:}. */
    public List<String> urls() {
        List<String> out = new ArrayList<>();
        for (ServerConfig.Address a : sockets.addresses()) {
            String host = a.told().getHostAddress();
            host = host.contains(":") ? "[" + host + "]" : host;
            out.add("stun:" + host + ":" + port());
            if (relaying != null) {
                out.add("turn:" + host + ":" + port());
            }
            if (relaying != null && tlsPort() >= 0) {
                out.add("turns:" + host + ":" + tlsPort());
            }
        }
        return out;
    }

    /** What was counted since the start, and the connections of now. */
    public Map<String, Long> counters() {
        Map<String, Long> out = new TreeMap<>();
        counters.forEach((name, n) -> out.put(name, n.sum()));
        out.put("tcp.connections", (long) clients.count());
        if (relaying != null) {
            out.put("turn.allocations", (long) relaying.core().allocations());
            out.put("turn.relayed.packets", relaying.core().relayedPackets());
            out.put("turn.relayed.bytes", relaying.core().relayedBytes());
        }
        return out;
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.log(System.Logger.Level.WARNING, "the STUN server's thread does not end");
        }
    }
}
