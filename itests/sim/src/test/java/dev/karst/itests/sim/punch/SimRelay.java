// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import dev.karst.itests.sim.SimHost;
import dev.karst.spi.Scope;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.relay.RelaySocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Sockets of a host that everybody reaches, given out two round trips after they are asked for. */
final class SimRelay implements RelayProvider {
    private static final Duration TAKES = Duration.ofMillis(80);
    private final SimHost host;

    SimRelay(SimHost host) {
        this.host = host;
    }

    @Override
    public CompletionStage<RelaySocket> reserve(Family family, Scope scope) {
        CompletableFuture<RelaySocket> f = new CompletableFuture<>();
        scope.after(
                TAKES,
                () ->
                        host.network()
                                .bindUdp(host.at(0))
                                .thenAccept(
                                        s -> {
                                            scope.onCancel(s::close);
                                            f.complete(new Address(s));
                                        }));
        return f;
    }

    private record Address(UdpSocket socket) implements RelaySocket {
        @Override
        public InetSocketAddress server() {
            return socket.local();
        }

        @Override
        public CompletionStage<Void> permit(InetAddress peer) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public InetSocketAddress local() {
            return socket.local();
        }

        @Override
        public void start(Handler handler) {
            socket.start(handler);
        }

        @Override
        public boolean send(InetSocketAddress to, ByteBuffer datagram) {
            return socket.send(to, datagram);
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
