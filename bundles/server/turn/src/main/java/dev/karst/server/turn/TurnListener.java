// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.server.StunAnswer;
import dev.karst.lib.stun.server.StunEnds;
import dev.karst.lib.stun.server.StunLimits;
import dev.karst.lib.stun.server.StunResponder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sockets for the server's state machines, which are not thread-safe: one thread reads, answers and
 * ticks. Ends with {@link #close}, thread included. Needs no OSGi.
 */
public final class TurnListener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(TurnListener.class.getName());

    /** Datagrams of one socket in a row, so that the others have their turn. */
    private static final int BATCH = 64;

    private static final long TICK_MILLIS = 1000;

    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(StunResponder.MAX_REQUEST + 1);
    private final BoundSockets sockets;
    private final Selector selector;
    private final TcpClients clients;
    private final Thread thread;
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
        clients = new TcpClients(selector, config.connections(), this::count);
        try {
            for (List<BoundSockets.Socket> group : sockets.groups()) {
                serve(group, config.limits());
            }
        } catch (IOException e) {
            release();
            throw new IllegalStateException("cannot listen: " + e.getMessage(), e);
        }
        thread = new Thread(this::run, "karst-server-turn");
        thread.setDaemon(true);
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
                "STUN at {0}, port {1}{2}{3}",
                config.addresses(),
                Integer.toString(listener.port()),
                config.alternatePort() < 0 ? "" : " and " + listener.alternatePort(),
                config.tcp() ? ", UDP and TCP" : ", UDP");
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

    private void serve(List<BoundSockets.Socket> group, StunLimits limits) throws IOException {
        StunEnds ends = new StunEnds(group.stream().map(BoundSockets.Socket::told).toList());
        StunResponder responder = new StunResponder(ends, limits, this::count);
        List<DatagramChannel> udp = group.stream().map(BoundSockets.Socket::udp).toList();
        for (int i = 0; i < group.size(); i++) {
            int end = i;
            Ready datagrams = key -> datagrams(responder, udp, end);
            udp.get(i).register(selector, SelectionKey.OP_READ, datagrams);
            if (group.get(i).tcp() != null) {
                clients.accept(group.get(i).tcp(), responder, end);
            }
        }
    }

    private void datagrams(StunResponder responder, List<DatagramChannel> udp, int end)
            throws IOException {
        for (int i = 0; i < BATCH; i++) {
            buffer.clear();
            InetSocketAddress from = (InetSocketAddress) udp.get(end).receive(buffer);
            if (from == null) {
                return;
            }
            Optional<StunAnswer> answer =
                    responder.udp(end, from, buffer.flip(), System.nanoTime());
            if (answer.isPresent()) {
                send(udp.get(answer.get().end()), answer.get());
            }
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
                selector.select(TICK_MILLIS);
                for (SelectionKey key : selector.selectedKeys()) {
                    handle(key);
                }
                selector.selectedKeys().clear();
                clients.tick(System.nanoTime());
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the STUN server ends", e);
        } finally {
            release();
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

    /** Where clients ask: each address as {@code stun:host:port}. */
    public List<String> urls() {
        List<String> out = new ArrayList<>();
        for (ServerConfig.Address a : sockets.addresses()) {
            String host = a.told().getHostAddress();
            host = host.contains(":") ? "[" + host + "]" : host;
            out.add("stun:" + host + ":" + port());
        }
        return out;
    }

    /** What was counted since the start, and the connections of now. */
    public Map<String, Long> counters() {
        Map<String, Long> out = new TreeMap<>();
        counters.forEach((name, n) -> out.put(name, n.sum()));
        out.put("tcp.connections", (long) clients.count());
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
