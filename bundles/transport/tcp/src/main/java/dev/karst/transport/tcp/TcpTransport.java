// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.tcp;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.transport.Listening;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathAcceptor;
import dev.karst.spi.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Frames over TCP, both families. Holds nothing but spare buffers. */
@Component(
        name = "dev.karst.transport.tcp",
        service = Transport.class,
        property = {"karst.name=tcp", "karst.scheme=tcp", "karst.over=tcp"})
public final class TcpTransport implements Transport {
    private static final InetAddress ANY_V4 = new InetSocketAddress("0.0.0.0", 0).getAddress();

    private final Scratch scratch = new Scratch();

    @Activate
    public TcpTransport() {}

    @Override
    public CompletionStage<Listening> listen(Endpoint at, PathAcceptor acceptor, Scope scope) {
        if (at.port() < 0) {
            return CompletableFuture.failedFuture(
                    new IOException(at + " names no port; 0 picks one"));
        }
        return scope.network()
                .resolve(at.host())
                .thenCompose(
                        all -> {
                            InetAddress a = all.get(0);
                            CompletionStage<TcpListener> l = bind(a, at.port(), acceptor, scope);
                            return a.isAnyLocalAddress() && !a.equals(ANY_V4)
                                    ? orV4(l, at.port(), acceptor, scope)
                                    : l;
                        })
                .thenApply(TcpTransport::listening);
    }

    private CompletionStage<TcpListener> bind(
            InetAddress a, int port, PathAcceptor acceptor, Scope scope) {
        return scope.network()
                .listenTcp(
                        new InetSocketAddress(a, port),
                        s -> acceptor.accepted(new TcpPath(s, scope, scratch)));
    }

    /** Where a machine has no IPv6, its wildcard address means the other family. */
    private CompletionStage<TcpListener> orV4(
            CompletionStage<TcpListener> v6, int port, PathAcceptor acceptor, Scope scope) {
        return v6.handle(
                        (l, e) ->
                                e == null
                                        ? CompletableFuture.completedFuture(l)
                                        : bind(ANY_V4, port, acceptor, scope))
                .thenCompose(l -> l);
    }

    private static Listening listening(TcpListener l) {
        Endpoint at = Endpoint.of("tcp", l.local());
        return new Listening() {
            @Override
            public Endpoint endpoint() {
                return at;
            }

            @Override
            public void close() {
                l.close();
            }
        };
    }

    @Override
    public CompletionStage<Path> dial(Endpoint to, Scope scope) {
        if (to.port() < 1) {
            return CompletableFuture.failedFuture(new IOException(to + " names no port"));
        }
        CompletableFuture<Path> result = new CompletableFuture<>();
        scope.network()
                .resolve(to.host())
                .whenComplete(
                        (all, e) -> {
                            if (e == null) {
                                new Dialer(to, all, scope, result, scratch).next();
                            } else {
                                result.completeExceptionally(
                                        new IOException(
                                                to.host() + " has no address", Reasons.cause(e)));
                            }
                        });
        return result;
    }

    @Override
    public CompletionStage<Path> over(TcpSocket socket, boolean client, Scope scope) {
        return CompletableFuture.completedFuture(new TcpPath(socket, scope, scratch));
    }
}
