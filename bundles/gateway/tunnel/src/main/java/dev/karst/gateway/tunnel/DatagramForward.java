// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.PipeOptions;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Each UDP source address gets a datagram pipe of its own, as long as it speaks. */
final class DatagramForward extends Forward {
    /** Between two tries to open a pipe for one source. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    DatagramForward(
            Endpoint asked,
            PeerId peer,
            String name,
            String origin,
            Limits limits,
            Semaphore slots) {
        super(asked, peer, name, origin, limits, slots);
    }

    @Override
    CompletionStage<InetSocketAddress> bind(InetSocketAddress local, Attachment at) {
        return at.scope()
                .network()
                .bindUdp(local)
                .thenApply(
                        socket -> {
                            socket.start(new Sources(socket, at));
                            return socket.local();
                        });
    }

    private final class Sources implements UdpSocket.Handler {
        private final Map<InetSocketAddress, DatagramBridge> bridges = new ConcurrentHashMap<>();
        private final UdpSocket socket;
        private final Attachment at;

        Sources(UdpSocket socket, Attachment at) {
            this.socket = socket;
            this.at = at;
        }

        @Override
        public void datagram(InetSocketAddress from, ByteBuffer bytes) {
            DatagramBridge bridge = bridges.get(from);
            if (bridge == null) {
                bridge = open(from);
            }
            if (bridge == null) {
                meter.dropped(at.scope(), "tunnel.udp-sources");
            } else {
                bridge.fromLocal(bytes);
            }
        }

        /** Called by {@link #datagram} alone, so there are no two for one source. */
        private DatagramBridge open(InetSocketAddress from) {
            Links.Link link =
                    bridges.size() < limits.udpSources() ? links.take().orElse(null) : null;
            if (link == null) {
                meter.refused(at.scope(), "too many UDP sources at once");
                return null;
            }
            DatagramBridge bridge =
                    new DatagramBridge(
                            at.scope(),
                            limits.udpIdle(),
                            meter,
                            () -> {
                                bridges.remove(from);
                                link.end();
                            });
            bridge.local(b -> socket.send(from, b));
            bridges.put(from, bridge);
            link.onAbort(bridge::close);
            at.connect()
                    .thenCompose(p -> p.openDatagrams(protocol(), PipeOptions.defaults()))
                    .whenComplete(
                            (pipe, error) -> {
                                if (error != null) {
                                    meter.failed(at.scope(), Texts.cause(error));
                                    bridge.failed(PAUSE);
                                } else {
                                    meter.opened();
                                    bridge.opened(pipe);
                                }
                            });
            return bridge;
        }

        @Override
        public void closed() {
            bridges.values().forEach(DatagramBridge::close);
        }
    }
}
