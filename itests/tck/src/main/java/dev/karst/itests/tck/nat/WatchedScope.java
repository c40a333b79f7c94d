// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.nat;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpAcceptor;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.TlsOptions;
import dev.karst.spi.net.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** A scope of the core that counts the sockets which are open in it. */
final class WatchedScope implements Scope {
    private final Scope scope;
    private final Network network;
    private final AtomicInteger open = new AtomicInteger();

    WatchedScope(Scope scope) {
        this.scope = scope;
        network = new Watched(scope.network());
    }

    /** Sockets that were started and not closed; one that came as the scope ended ends with it. */
    int open() {
        return open.get();
    }

    @Override
    public Network network() {
        return network;
    }

    private final class Watched implements Network {
        private final Network real;

        Watched(Network real) {
            this.real = real;
        }

        @Override
        public CompletionStage<UdpSocket> bindUdp(InetSocketAddress local) {
            return real.bindUdp(local).thenApply(Udp::new);
        }

        @Override
        public CompletionStage<UdpSocket> joinGroup(InetSocketAddress group, String name) {
            return real.joinGroup(group, name).thenApply(Udp::new);
        }

        @Override
        public CompletionStage<TcpListener> listenTcp(InetSocketAddress local, TcpAcceptor a) {
            return real.listenTcp(local, a);
        }

        @Override
        public CompletionStage<TcpSocket> connectTcp(InetSocketAddress remote) {
            return real.connectTcp(remote).thenApply(Tcp::new);
        }

        @Override
        public CompletionStage<TcpSocket> connectTcp(
                InetSocketAddress local, InetSocketAddress remote) {
            return real.connectTcp(local, remote).thenApply(Tcp::new);
        }

        @Override
        public CompletionStage<TcpSocket> connectTls(
                InetSocketAddress remote, String host, TlsOptions options) {
            return real.connectTls(remote, host, options).thenApply(Tcp::new);
        }

        @Override
        public CompletionStage<List<InetAddress>> resolve(String host) {
            return real.resolve(host);
        }

        @Override
        public List<InterfaceAddress> interfaces() {
            return real.interfaces();
        }

        @Override
        public List<Gateway> gateways() {
            return real.gateways();
        }

        @Override
        public Subscription onChange(Runnable changed) {
            return real.onChange(changed);
        }
    }

    private final class Udp implements UdpSocket {
        private final UdpSocket real;

        Udp(UdpSocket real) {
            this.real = real;
        }

        @Override
        public InetSocketAddress local() {
            return real.local();
        }

        @Override
        public void start(Handler handler) {
            open.incrementAndGet();
            real.start(
                    new Handler() {
                        @Override
                        public void datagram(InetSocketAddress from, ByteBuffer bytes) {
                            handler.datagram(from, bytes);
                        }

                        @Override
                        public void closed() {
                            open.decrementAndGet();
                            handler.closed();
                        }
                    });
        }

        @Override
        public boolean send(InetSocketAddress to, ByteBuffer datagram) {
            return real.send(to, datagram);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private final class Tcp implements TcpSocket {
        private final TcpSocket real;

        Tcp(TcpSocket real) {
            this.real = real;
        }

        @Override
        public InetSocketAddress local() {
            return real.local();
        }

        @Override
        public InetSocketAddress remote() {
            return real.remote();
        }

        @Override
        public void start(TcpHandler handler) {
            open.incrementAndGet();
            real.start(
                    new TcpHandler() {
                        @Override
                        public void bytes(ByteBuffer bytes) {
                            handler.bytes(bytes);
                        }

                        @Override
                        public void writable() {
                            handler.writable();
                        }

                        @Override
                        public void finished() {
                            handler.finished();
                        }

                        @Override
                        public void closed(Optional<Throwable> why) {
                            open.decrementAndGet();
                            handler.closed(why);
                        }
                    });
        }

        @Override
        public boolean write(ByteBuffer... parts) {
            return real.write(parts);
        }

        @Override
        public void reading(boolean on) {
            real.reading(on);
        }

        @Override
        public void finish() {
            real.finish();
        }

        @Override
        public void close() {
            real.close();
        }

        @Override
        public void abort() {
            real.abort();
        }
    }

    // ---- the rest as it is

    @Override
    public Clock clock() {
        return scope.clock();
    }

    @Override
    public long nanoTime() {
        return scope.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return scope.random();
    }

    @Override
    public SecureRandom secureRandom() {
        return scope.secureRandom();
    }

    @Override
    public Executor executor() {
        return scope.executor();
    }

    @Override
    public Subscription after(Duration delay, Runnable task) {
        return scope.after(delay, task);
    }

    @Override
    public Instant deadline() {
        return scope.deadline();
    }

    @Override
    public boolean cancelled() {
        return scope.cancelled();
    }

    @Override
    public Subscription onCancel(Runnable task) {
        return scope.onCancel(task);
    }

    @Override
    public void count(String name) {
        scope.count(name);
    }
}
