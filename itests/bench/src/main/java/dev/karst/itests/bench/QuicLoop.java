// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.transport.Listening;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathAcceptor;
import dev.karst.spi.transport.Transport;
import dev.karst.transport.quic.QuicTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes transport.quic dial: a pair of UDP sockets on loopback takes the place of what a strategy
 * would have punched. Both nodes are in this process and have the same loop; its ports are numbers
 * without sockets.
 */
final class QuicLoop implements Transport {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
    private final QuicTransport quic = new QuicTransport();
    private final AtomicInteger ports = new AtomicInteger();
    private final Map<Endpoint, Waiting> listening = new ConcurrentHashMap<>();

    private record Waiting(PathAcceptor acceptor, Scope scope) {}

    @Override
    public CompletionStage<Listening> listen(Endpoint at, PathAcceptor acceptor, Scope scope) {
        Endpoint here = Endpoint.of(at.scheme(), at.host(), ports.incrementAndGet());
        listening.put(here, new Waiting(acceptor, scope));
        return CompletableFuture.completedFuture(
                new Listening() {
                    @Override
                    public Endpoint endpoint() {
                        return here;
                    }

                    @Override
                    public void close() {
                        listening.remove(here);
                    }
                });
    }

    @Override
    public CompletionStage<Path> dial(Endpoint to, Scope scope) {
        Waiting there = listening.get(to);
        if (there == null) {
            return CompletableFuture.failedFuture(new IOException("nobody listens at " + to));
        }
        CompletionStage<UdpSocket> far = there.scope.network().bindUdp(ANY);
        return scope.network()
                .bindUdp(ANY)
                .thenCombine(far, (s, r) -> connect(s, r, there, scope))
                .thenCompose(p -> p);
    }

    private CompletionStage<Path> connect(UdpSocket s, UdpSocket r, Waiting there, Scope scope) {
        quic.over(PathEnds.flow(r, s.local()), false, there.scope)
                .thenAccept(there.acceptor::accepted);
        return quic.over(PathEnds.flow(s, r.local()), true, scope);
    }
}
