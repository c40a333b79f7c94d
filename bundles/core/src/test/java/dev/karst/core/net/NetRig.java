// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpAcceptor;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A real network on loopback. */
final class NetRig implements AutoCloseable {
    final ExecutorService executor = Executors.newCachedThreadPool();
    final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    final Map<String, Integer> counters = new ConcurrentHashMap<>();
    final CoreNetwork core =
            new CoreNetwork(executor, timer, n -> counters.merge(n, 1, Integer::sum));
    final SocketOwner owner = new SocketOwner();
    final Network net = core.scoped(owner);
    private final SelectorDriver first = new SelectorDriver();

    NetRig() {
        core.driver(first);
    }

    SelectorDriver driver() {
        return first;
    }

    TcpListener listen(TcpAcceptor acceptor) {
        return get(net.listenTcp(loopback(0), acceptor));
    }

    TcpSocket connect(TcpListener to) {
        return get(net.connectTcp(to.local()));
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(5, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        core.close();
        first.close();
        timer.shutdownNow();
        executor.shutdownNow();
    }
}
