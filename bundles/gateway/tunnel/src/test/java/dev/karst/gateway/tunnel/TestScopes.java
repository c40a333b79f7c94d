// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.Scopes;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpAcceptor;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.TlsOptions;
import dev.karst.spi.net.UdpSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** Real time and real loopback sockets, with blocking threads. */
final class TestScopes implements Scopes, AutoCloseable {
    final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
    final Queue<TestTcp> sockets = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads =
            Executors.newCachedThreadPool(
                    r -> {
                        Thread t = new Thread(r, "test-scope");
                        t.setDaemon(true);
                        return t;
                    });
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);

    long count(String name) {
        AtomicLong c = counters.get(name);
        return c == null ? 0 : c.get();
    }

    @Override
    public Owned open(String owner) {
        return new Held();
    }

    @Override
    public void close() {
        timer.shutdownNow();
        threads.shutdownNow();
    }

    private final class Held implements Owned, Scope, Network {
        private final Queue<Runnable> ends = new ConcurrentLinkedQueue<>();
        private volatile boolean cancelled;

        @Override
        public Scope scope() {
            return this;
        }

        @Override
        public void close() {
            cancelled = true;
            for (Runnable r; (r = ends.poll()) != null; ) {
                r.run();
            }
        }

        @Override
        public Clock clock() {
            return Clock.systemUTC();
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public RandomGenerator random() {
            return new Random(1);
        }

        @Override
        public SecureRandom secureRandom() {
            return new SecureRandom();
        }

        @Override
        public Executor executor() {
            return threads;
        }

        @Override
        public Network network() {
            return this;
        }

        @Override
        public Subscription after(Duration delay, Runnable task) {
            ScheduledFuture<?> f =
                    timer.schedule(
                            () -> {
                                if (!cancelled) {
                                    task.run();
                                }
                            },
                            delay.toNanos(),
                            TimeUnit.NANOSECONDS);
            return () -> f.cancel(false);
        }

        @Override
        public Instant deadline() {
            return Instant.MAX;
        }

        @Override
        public boolean cancelled() {
            return cancelled;
        }

        @Override
        public Subscription onCancel(Runnable task) {
            ends.add(task);
            return () -> ends.remove(task);
        }

        @Override
        public void count(String name) {
            counters.computeIfAbsent(name, n -> new AtomicLong()).incrementAndGet();
        }

        private <T> CompletionStage<T> off(Callable<T> call) {
            CompletableFuture<T> f = new CompletableFuture<>();
            threads.execute(
                    () -> {
                        try {
                            f.complete(call.call());
                        } catch (Throwable e) {
                            f.completeExceptionally(e);
                        }
                    });
            return f;
        }

        @Override
        public CompletionStage<UdpSocket> bindUdp(InetSocketAddress local) {
            return off(
                    () -> {
                        TestUdp udp = new TestUdp(local);
                        ends.add(udp::close);
                        return udp;
                    });
        }

        @Override
        public CompletionStage<TcpListener> listenTcp(
                InetSocketAddress local, TcpAcceptor acceptor) {
            return off(
                    () -> {
                        ServerSocketChannel server = ServerSocketChannel.open().bind(local, 256);
                        ends.add(() -> quietly(server));
                        InetSocketAddress bound = (InetSocketAddress) server.getLocalAddress();
                        threads.execute(() -> acceptAll(server, acceptor));
                        return new TcpListener() {
                            @Override
                            public InetSocketAddress local() {
                                return bound;
                            }

                            @Override
                            public void close() {
                                quietly(server);
                            }
                        };
                    });
        }

        private void acceptAll(ServerSocketChannel server, TcpAcceptor acceptor) {
            try {
                while (true) {
                    acceptor.accepted(made(server.accept()));
                }
            } catch (IOException e) {
                // closed
            }
        }

        private TestTcp made(SocketChannel channel) {
            TestTcp tcp = new TestTcp(channel);
            sockets.add(tcp);
            ends.add(tcp::close);
            return tcp;
        }

        @Override
        public CompletionStage<TcpSocket> connectTcp(InetSocketAddress remote) {
            return off(() -> made(SocketChannel.open(remote)));
        }

        @Override
        public CompletionStage<TcpSocket> connectTls(
                InetSocketAddress remote, String host, TlsOptions options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<List<InetAddress>> resolve(String host) {
            return off(() -> List.of(InetAddress.getAllByName(host)));
        }

        @Override
        public List<Gateway> gateways() {
            return List.of();
        }

        @Override
        public Subscription onChange(Runnable changed) {
            return () -> {};
        }

        @Override
        public CompletionStage<UdpSocket> joinGroup(InetSocketAddress group, String name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<TcpSocket> connectTcp(
                InetSocketAddress local, InetSocketAddress remote) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<InterfaceAddress> interfaces() {
            return List.of();
        }
    }

    private static void quietly(ServerSocketChannel server) {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
