// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.Subscription;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpAcceptor;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.TlsOptions;
import dev.karst.spi.net.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The network of one owner. */
final class ScopedNetwork implements Network {
    private final CoreNetwork net;
    private final SocketOwner owner;

    ScopedNetwork(CoreNetwork net, SocketOwner owner) {
        this.net = net;
        this.owner = owner;
    }

    @Override
    public CompletionStage<UdpSocket> bindUdp(InetSocketAddress local) {
        return udp(() -> CoreUdpSocket.bind(net, local));
    }

    @Override
    public CompletionStage<UdpSocket> joinGroup(InetSocketAddress group, String interfaceName) {
        return udp(() -> CoreUdpSocket.join(net, group, interfaceName));
    }

    private CompletionStage<UdpSocket> udp(Callable<CoreUdpSocket> maker) {
        CompletableFuture<CoreUdpSocket> bound = net.bind(maker);
        return own(
                bound,
                s -> {
                    s.join();
                    return s;
                });
    }

    @Override
    public CompletionStage<TcpListener> listenTcp(InetSocketAddress local, TcpAcceptor acceptor) {
        CompletableFuture<CoreTcpListener> bound =
                net.bind(() -> CoreTcpListener.bind(net, local, owner, acceptor));
        return own(
                bound,
                s -> {
                    s.join();
                    return s;
                });
    }

    @Override
    public CompletionStage<TcpSocket> connectTcp(InetSocketAddress remote) {
        return connectTcp(null, remote);
    }

    @Override
    public CompletionStage<TcpSocket> connectTcp(
            InetSocketAddress local, InetSocketAddress remote) {
        CompletableFuture<TcpSocket> result = new CompletableFuture<>();
        connect(local, remote)
                .whenComplete(
                        (s, e) -> {
                            if (e != null) {
                                result.completeExceptionally(e);
                            } else if (!result.complete(s)) {
                                s.abort(); // nobody waits any more
                            }
                        });
        return result;
    }

    @Override
    public CompletionStage<TcpSocket> connectTls(
            InetSocketAddress remote, String host, TlsOptions options) {
        CompletableFuture<TcpSocket> result = new CompletableFuture<>();
        connect(null, remote)
                .whenComplete(
                        (raw, e) -> {
                            if (e != null) {
                                result.completeExceptionally(e);
                            } else {
                                TlsSocket.shakeHands(net, raw, host, options, owner, result);
                            }
                        });
        return result;
    }

    @Override
    public CompletionStage<List<InetAddress>> resolve(String host) {
        return Names.resolve(net, host);
    }

    @Override
    public List<InterfaceAddress> interfaces() {
        return Names.interfaces();
    }

    @Override
    public List<Gateway> gateways() {
        return Routes.gateways();
    }

    @Override
    public Subscription onChange(Runnable changed) {
        Changes.Watch watch = net.changes.watch(changed);
        if (!owner.own(watch)) {
            watch.close();
        }
        return watch;
    }

    private CompletableFuture<CoreTcpSocket> connect(
            InetSocketAddress local, InetSocketAddress remote) {
        CoreTcpSocket socket;
        try {
            net.check();
            socket = CoreTcpSocket.connect(net, local, remote);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(CoreNetwork.asIo(e));
        }
        if (!owner.own(socket)) {
            socket.end(over());
        } else {
            socket.join();
        }
        return socket.connected();
    }

    private interface Made<S, T> {
        T join(S socket);
    }

    private <S extends Driven & SocketOwner.Owned, T> CompletionStage<T> own(
            CompletableFuture<S> bound, Made<S, T> made) {
        return bound.thenApply(
                s -> {
                    if (!owner.own(s)) {
                        s.end(over());
                        throw new java.util.concurrent.CompletionException(over());
                    }
                    return made.join(s);
                });
    }

    private static IOException over() {
        return new IOException("the scope is over");
    }
}
