// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.AccessPolicy;
import dev.karst.DatagramPipe;
import dev.karst.Endpoint;
import dev.karst.Peer;
import dev.karst.PeerId;
import dev.karst.PipeAcceptor;
import dev.karst.StreamPipe;
import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.Scopes;
import dev.karst.spi.net.UdpSocket;
import dev.karst.tunnel.Exposed;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One local service, opened to peers. Attached and detached under the lock of {@link
 * TunnelService}.
 */
final class Exposure {
    private static final Logger LOG = System.getLogger(Exposure.class.getName());
    static final String AWAY = "waiting for the core";

    private final String name;
    private final Endpoint target;
    private final Optional<Set<PeerId>> peers;
    private final String origin;
    private final Limits limits;
    private final Meter meter;
    private final Links links;
    private Scopes.Owned owned;
    private Subscription accepting;
    private volatile String state = AWAY;

    /**
     * @param peers who may use it; empty = anyone
     */
    Exposure(
            String name,
            Endpoint target,
            Optional<Set<PeerId>> peers,
            String origin,
            Limits limits,
            Semaphore slots) {
        this.name = name;
        this.target = target;
        this.peers = peers;
        this.origin = origin;
        this.limits = limits;
        this.meter = new Meter("exposed service " + name);
        this.links = new Links(slots, meter);
    }

    String origin() {
        return origin;
    }

    void attach(Core core) {
        owned = core.scopes().open("tunnel " + name);
        Scope scope = owned.scope();
        AccessPolicy who = peers.<AccessPolicy>map(set -> set::contains).orElse(AccessPolicy.any());
        try {
            accepting =
                    core.node()
                            .accept(
                                    Texts.protocol(target, name),
                                    who,
                                    Texts.udp(target) ? new Datagrams(scope) : new Streams(scope));
            state = "open";
        } catch (IllegalStateException e) {
            state = "not open: " + Texts.sentence(e);
            LOG.log(Level.WARNING, "exposed service {0} is {1}", name, state);
        }
    }

    void detach() {
        state = AWAY;
        if (accepting != null) {
            accepting.close();
            accepting = null;
        }
        links.abortAll();
        if (owned != null) {
            owned.close();
            owned = null;
        }
    }

    Exposed view() {
        return new Exposed(
                name,
                target,
                peers.isEmpty(),
                peers.orElse(Set.of()),
                origin,
                state,
                meter.traffic());
    }

    private void refuse(Scope scope) {
        meter.refused(scope, "connections are refused: all " + limits.connections() + " are used");
    }

    private final class Streams implements PipeAcceptor {
        private final Scope scope;

        Streams(Scope scope) {
            this.scope = scope;
        }

        @Override
        public void stream(Peer peer, StreamPipe pipe) {
            Links.Link link = links.take().orElse(null);
            if (link == null) {
                refuse(scope);
                pipe.close();
                return;
            }
            link.onAbort(pipe::close);
            Dial.tcp(target, limits.connect(), scope)
                    .whenComplete(
                            (socket, error) -> {
                                if (error != null) {
                                    meter.failed(scope, Texts.cause(error));
                                    pipe.close();
                                    link.end();
                                    return;
                                }
                                meter.opened();
                                StreamBridge b = new StreamBridge(socket, pipe, meter, link::end);
                                b.start();
                                link.onAbort(b::abort);
                            });
        }
    }

    private final class Datagrams implements PipeAcceptor {
        private final Scope scope;

        Datagrams(Scope scope) {
            this.scope = scope;
        }

        @Override
        public void datagrams(Peer peer, DatagramPipe pipe) {
            Links.Link link = links.take().orElse(null);
            if (link == null) {
                refuse(scope);
                pipe.close();
                return;
            }
            AtomicReference<UdpSocket> used = new AtomicReference<>();
            DatagramBridge bridge =
                    new DatagramBridge(
                            scope,
                            limits.udpIdle(),
                            meter,
                            () -> {
                                if (used.get() != null) {
                                    used.get().close();
                                }
                                link.end();
                            });
            link.onAbort(bridge::close);
            bridge.opened(pipe);
            scope.network()
                    .resolve(target.host())
                    .thenCompose(
                            addresses -> {
                                var to = new InetSocketAddress(addresses.get(0), target.port());
                                return scope.network()
                                        .bindUdp(new InetSocketAddress(here(to.getAddress()), 0))
                                        .thenAccept(
                                                socket -> {
                                                    used.set(socket);
                                                    join(bridge, socket, to);
                                                });
                            })
                    .exceptionally(
                            error -> {
                                meter.failed(scope, Texts.cause(error));
                                bridge.close();
                                return null;
                            });
        }

        private void join(DatagramBridge bridge, UdpSocket socket, InetSocketAddress to) {
            socket.start(
                    new UdpSocket.Handler() {
                        @Override
                        public void datagram(InetSocketAddress from, ByteBuffer bytes) {
                            // Only the service answers here: others would speak in its name.
                            if (from.equals(to)) {
                                bridge.fromLocal(bytes);
                            } else {
                                meter.dropped(scope, "tunnel.udp-foreign");
                            }
                        }

                        @Override
                        public void closed() {
                            bridge.close();
                        }
                    });
            meter.opened();
            bridge.local(b -> socket.send(to, b));
            if (bridge.over()) {
                socket.close();
            }
        }

        /** A socket to a service of this machine need not be reachable from anywhere else. */
        private static InetAddress here(InetAddress service) {
            return service.isLoopbackAddress() ? service : new InetSocketAddress(0).getAddress();
        }
    }
}
