// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

import dev.karst.lib.stun.turn.server.PeerPolicy;
import dev.karst.lib.stun.turn.server.RelayPort;
import dev.karst.lib.stun.turn.server.TurnCore;
import dev.karst.lib.stun.turn.server.TurnIo;
import dev.karst.lib.stun.turn.server.TurnLimits;
import dev.karst.lib.stun.turn.server.TurnLink;
import dev.karst.lib.stun.turn.server.TurnSettings;
import dev.karst.lib.stun.turn.server.TurnUsers;
import dev.karst.spi.Scope;
import dev.karst.spi.net.UdpSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The TURN server of {@code lib.stun} over the network of a {@link Scope}, so in simulations, too:
 * UDP, one relayed port for each allocation. Ends with its scope.
 */
public final class ScopeTurnServer implements TurnIo {
    private final Scope scope;
    private final InetAddress ip;
    private final TurnCore core;
    private UdpSocket socket;

    private ScopeTurnServer(
            Scope scope, InetSocketAddress at, Map<String, String> users, List<String> allow) {
        this.scope = scope;
        this.ip = at.getAddress();
        PeerPolicy peers =
                new PeerPolicy(
                        PeerPolicy.ranges(allow), List.of(), Set.of(ip), Set.of(at.getPort()));
        core =
                new TurnCore(
                        new TurnSettings(
                                "karst",
                                new TurnUsers(users, Optional.empty(), Set.of()),
                                TurnLimits.DEFAULT,
                                TurnSettings.REFUSALS,
                                peers,
                                false),
                        this,
                        1,
                        scope.secureRandom(),
                        () -> scope.clock().instant().getEpochSecond(),
                        scope.nanoTime(),
                        scope::count);
    }

    /**
     * Listens.
     *
     * @param at address and port, which is fixed
     * @param users passwords by name
     * @param allow peers that are allowed although private, such as {@code 10.0.0.0/8}
     */
    public static CompletionStage<ScopeTurnServer> open(
            Scope scope, InetSocketAddress at, Map<String, String> users, List<String> allow) {
        ScopeTurnServer out = new ScopeTurnServer(scope, at, users, allow);
        return scope.network()
                .bindUdp(at)
                .thenApply(
                        s -> {
                            out.socket = s;
                            s.start(out.handler((from, b) -> out.client(from, b)));
                            scope.after(Duration.ofSeconds(1), out::tick);
                            return out;
                        });
    }

    /** What to do with a datagram. */
    private interface Take {
        void take(InetSocketAddress from, ByteBuffer in);
    }

    private UdpSocket.Handler handler(Take take) {
        return (from, bytes) -> {
            // Room in front and behind, as the core wants it.
            ByteBuffer in = ByteBuffer.allocate(TurnCore.HEADROOM + bytes.remaining() + 4);
            in.position(TurnCore.HEADROOM).put(bytes).flip().position(TurnCore.HEADROOM);
            synchronized (this) {
                take.take(from, in);
            }
        };
    }

    private void client(InetSocketAddress from, ByteBuffer in) {
        core.datagram(0, from, in, scope.nanoTime());
    }

    private void tick() {
        synchronized (this) {
            core.tick(scope.nanoTime());
        }
        scope.after(Duration.ofSeconds(1), this::tick);
    }

    /** Allocations of now. */
    public synchronized int allocations() {
        return core.allocations();
    }

    @Override
    public TurnLink link(int end, InetSocketAddress client) {
        return new TurnLink(client, false) {
            @Override
            protected void send(ByteBuffer out) {
                socket.send(client, out);
            }
        };
    }

    @Override
    public boolean serves(boolean four) {
        return four == ip instanceof Inet4Address;
    }

    @Override
    public void open(boolean four, Wish wish, Consumer<List<RelayPort>> done) {
        CompletionStage<UdpSocket> bound =
                wish == Wish.ANY
                        ? scope.network().bindUdp(new InetSocketAddress(ip, 0))
                        : CompletableFuture.failedStage(new UnsupportedOperationException());
        bound.whenComplete(
                (s, e) -> {
                    synchronized (this) {
                        done.accept(e != null ? List.of() : List.of(new Port(s)));
                    }
                });
    }

    /** A relayed socket. */
    private final class Port extends RelayPort {
        private final UdpSocket relayed;

        Port(UdpSocket relayed) {
            this.relayed = relayed;
            relayed.start(handler((from, in) -> core.peer(this, from, in, scope.nanoTime())));
        }

        @Override
        protected InetSocketAddress address() {
            return relayed.local();
        }

        @Override
        protected void send(InetSocketAddress peer, ByteBuffer datagram) {
            relayed.send(peer, datagram);
        }

        @Override
        protected void close() {
            relayed.close();
        }
    }
}
