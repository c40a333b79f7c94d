// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.server.StunLimits;
import dev.karst.lib.stun.turn.server.PeerPolicy;
import dev.karst.lib.stun.turn.server.RelayPort;
import dev.karst.lib.stun.turn.server.TurnCore;
import dev.karst.lib.stun.turn.server.TurnIo;
import dev.karst.lib.stun.turn.server.TurnLink;
import dev.karst.lib.stun.turn.server.TurnSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Sockets for the relay's state machine. On the listener's thread. */
final class Relaying implements TurnIo, AutoCloseable {
    /** Where received bytes begin in the buffer. */
    static final int AT = TurnCore.HEADROOM;

    private static final int TRIES = 64;
    private static final int MOST_CONNECTING = 256;

    /** RFC 6062 section 5.2. */
    private static final long CONNECT_LIMIT = 30_000_000_000L;

    private final Selector selector;
    private final RelayConfig config;
    private final List<ServerConfig.Address> addresses;
    private final List<DatagramChannel> ends;
    private final Consumer<String> counter;
    private final SplittableRandom ports = new SplittableRandom(new SecureRandom().nextLong());
    private final TurnCore core;
    private final ByteBuffer buffer;
    private final Set<PeerStream> connecting = new HashSet<>();

    /**
     * A relay.
     *
     * @param own all addresses of this machine
     * @param listeners ports of the server
     * @param buffer to read datagrams into, shared by all of this thread
     */
    Relaying(
            Selector selector,
            RelayConfig config,
            List<ServerConfig.Address> addresses,
            List<DatagramChannel> ends,
            Set<InetAddress> own,
            Set<Integer> listeners,
            ByteBuffer buffer,
            Consumer<String> counter) {
        this.selector = selector;
        this.config = config;
        this.addresses = addresses;
        this.ends = ends;
        this.buffer = buffer;
        this.counter = counter;
        StunLimits d = TurnSettings.REFUSALS;
        StunLimits refusals =
                new StunLimits(
                        config.refusals(),
                        5 * config.refusals(),
                        Math.max(d.total(), config.refusals()),
                        d.sources());
        TurnSettings settings =
                new TurnSettings(
                        config.realm(),
                        config.users(),
                        config.limits(),
                        refusals,
                        new PeerPolicy(config.allow(), config.deny(), own, listeners),
                        config.tcp());
        core =
                new TurnCore(
                        settings,
                        this,
                        ends.size(),
                        new SecureRandom(),
                        () -> System.currentTimeMillis() / 1000,
                        System.nanoTime(),
                        counter);
    }

    TurnCore core() {
        return core;
    }

    /** Cleared, with room for headers in front and padding behind. */
    ByteBuffer buffer() {
        return buffer.clear().limit(buffer.capacity() - 4).position(AT);
    }

    void send(DatagramChannel from, InetSocketAddress to, ByteBuffer datagram) {
        try {
            if (from.send(datagram, to) == 0) {
                counter.accept("udp.full");
            }
        } catch (IOException | RuntimeException e) { // no route, too long, a firewall's refusal
            counter.accept("udp.unsent");
        }
    }

    @Override
    public TurnLink link(int end, InetSocketAddress client) {
        DatagramChannel channel = ends.get(end);
        return new TurnLink(client, false) {
            @Override
            protected void send(ByteBuffer out) {
                Relaying.this.send(channel, client, out);
            }
        };
    }

    @Override
    public boolean serves(boolean four) {
        return addresses.stream().anyMatch(a -> a.four() == four);
    }

    @Override
    public void open(boolean four, Wish wish, Consumer<List<RelayPort>> done) {
        List<ServerConfig.Address> family =
                addresses.stream().filter(a -> a.four() == four).toList();
        for (int i = 0; i < TRIES; i++) {
            ServerConfig.Address a = family.get(i % family.size());
            Optional<List<RelayPort>> got = wish == Wish.TCP ? tcp(a) : udp(a, wish);
            if (got.isPresent()) {
                done.accept(got.get());
                return;
            }
        }
        counter.accept("turn.ports-exhausted");
        done.accept(List.of());
    }

    private int port(boolean even) {
        int port = ports.nextInt(config.firstPort(), config.lastPort() + 1);
        return even ? port & ~1 : port;
    }

    private Optional<List<RelayPort>> udp(ServerConfig.Address a, Wish wish) {
        List<RelayPort> out = new ArrayList<>();
        int port = port(wish != Wish.ANY);
        int last = wish == Wish.PAIR ? port + 1 : port;
        try {
            if (port < config.firstPort() || last > config.lastPort()) {
                return Optional.empty();
            }
            for (int p = port; p <= last; p++) {
                out.add(udp(a, p));
            }
            return Optional.of(out);
        } catch (IOException e) { // mostly: the port is taken
            out.forEach(r -> ((UdpRelay) r).close());
            return Optional.empty();
        }
    }

    private UdpRelay udp(ServerConfig.Address a, int port) throws IOException {
        DatagramChannel c =
                DatagramChannel.open(
                        a.four() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        try {
            c.configureBlocking(false);
            c.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 18);
            c.bind(new InetSocketAddress(a.bind(), port));
            UdpRelay relay = new UdpRelay(this, c, new InetSocketAddress(a.told(), port));
            c.register(selector, SelectionKey.OP_READ, relay);
            return relay;
        } catch (IOException | RuntimeException e) {
            c.close();
            throw e;
        }
    }

    private Optional<List<RelayPort>> tcp(ServerConfig.Address a) {
        try {
            return Optional.of(List.of(TcpRelay.open(this, a, port(false))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether another connection may be begun. */
    boolean mayConnect() {
        return connecting.size() < MOST_CONNECTING;
    }

    /** A connection to a peer is begun, or not any more. */
    void connecting(PeerStream peer, boolean is) {
        if (is) {
            connecting.add(peer);
        } else {
            connecting.remove(peer);
        }
    }

    void tick(long now) {
        core.tick(now);
        connecting.stream()
                .filter(p -> now - p.since() > CONNECT_LIMIT)
                .toList()
                .forEach(PeerStream::close);
    }

    Selector selector() {
        return selector;
    }

    void count(String name) {
        counter.accept(name);
    }

    @Override
    public void close() {
        List.copyOf(connecting).forEach(PeerStream::close);
        core.close();
    }
}
