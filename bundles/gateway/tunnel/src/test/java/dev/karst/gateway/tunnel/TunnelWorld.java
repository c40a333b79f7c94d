// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.tunnel.Forwarded;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Two tunnel services back to back: {@code near} forwards, {@code far} exposes. */
final class TunnelWorld implements AutoCloseable {
    final ExecutorService threads =
            Executors.newCachedThreadPool(
                    r -> {
                        Thread t = new Thread(r, "test-world");
                        t.setDaemon(true);
                        return t;
                    });
    final Map<PeerId, FakeNode> nodes = new ConcurrentHashMap<>();
    final FakeNode nearNode = new FakeNode(1, nodes, threads);
    final FakeNode farNode = new FakeNode(2, nodes, threads);
    final TestScopes nearScopes = new TestScopes();
    final TestScopes farScopes = new TestScopes();
    final TunnelService near;
    final TunnelService far;
    final ServerSocket service;

    TunnelWorld() throws IOException {
        this(settings(1024, 256, 60));
    }

    TunnelWorld(TunnelSettings settings) throws IOException {
        near = new TunnelService(settings);
        far = new TunnelService(settings);
        near.bindNode(nearNode);
        near.bindScopes(nearScopes);
        far.bindScopes(farScopes);
        far.bindNode(farNode);
        service = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    }

    /** Exposes the service as "web" and forwards a picked port to it. */
    int tunnel() throws Exception {
        far.expose("web", "tcp://127.0.0.1:" + service.getLocalPort(), Set.of(nearNode.id()));
        return forward("tcp://127.0.0.1:0", "web").listen().port();
    }

    Forwarded forward(String listen, String name) throws Exception {
        Forwarded f =
                near.forward(listen, farNode.id(), name)
                        .toCompletableFuture()
                        .get(5, TimeUnit.SECONDS);
        assertEquals("listening", f.state());
        return f;
    }

    static Socket connect(int port) throws IOException {
        Socket s = new Socket();
        s.setSoTimeout(10_000);
        s.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
        return s;
    }

    /** Connects and is reset, sooner or later. */
    static void assertReset(int port) {
        assertThrows(SocketException.class, () -> connect(port).getInputStream().read());
    }

    Socket accept() throws IOException {
        service.setSoTimeout(10_000);
        Socket s = service.accept();
        s.setSoTimeout(10_000);
        return s;
    }

    /** A task that may throw, on a thread of its own. */
    interface Task<T> {
        T run() throws Exception;
    }

    <T> Future<T> go(Task<T> task) {
        return threads.submit(task::run);
    }

    Endpoint target() {
        return Endpoint.of("tcp", "127.0.0.1", service.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        near.stop();
        far.stop();
        service.close();
        nearScopes.close();
        farScopes.close();
        threads.shutdownNow();
    }

    static TunnelSettings settings(int connections, int udpSources, int udpIdle) {
        return new TunnelSettings() {
            @Override
            public int maxConnections() {
                return connections;
            }

            @Override
            public int maxUdpSources() {
                return udpSources;
            }

            @Override
            public int udpIdleSeconds() {
                return udpIdle;
            }

            @Override
            public int connectSeconds() {
                return 5;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return TunnelSettings.class;
            }
        };
    }
}
