// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A path that can do one thing: carry a word and its answer. */
final class SimPath implements Path {
    private static final byte HELLO = 1;
    private static final byte THERE = 2;
    private static final Duration AGAIN = Duration.ofMillis(100);
    private static final int TIMES = 20;

    private final Endpoint local;
    private final Endpoint remote;
    private final Consumer<byte[]> out;
    private final Runnable onClose;
    private final CompletableFuture<Path> proven = new CompletableFuture<>();
    private boolean initiator;
    private boolean started;
    private boolean helloCame;

    private SimPath(Endpoint local, Endpoint remote, Consumer<byte[]> out, Runnable onClose) {
        this.local = local;
        this.remote = remote;
        this.out = out;
        this.onClose = onClose;
    }

    static SimPath of(DatagramFlow flow) {
        SimPath p =
                new SimPath(
                        endpoint("udp", flow.local()),
                        endpoint("udp", flow.remote()),
                        b -> flow.send(ByteBuffer.wrap(b)),
                        flow::close);
        flow.start(
                new UdpSocket.Handler() {
                    @Override
                    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
                        p.came(bytes.get());
                    }
                });
        return p;
    }

    static SimPath of(TcpSocket socket) {
        SimPath p =
                new SimPath(
                        endpoint("tcp", socket.local()),
                        endpoint("tcp", socket.remote()),
                        b -> socket.write(ByteBuffer.wrap(b)),
                        socket::close);
        socket.start(
                new TcpHandler() {
                    @Override
                    public void bytes(ByteBuffer bytes) {
                        while (bytes.hasRemaining()) {
                            p.came(bytes.get());
                        }
                    }

                    @Override
                    public void closed(Optional<Throwable> why) {
                        p.proven.completeExceptionally(new IOException("closed: " + why));
                    }
                });
        return p;
    }

    private static Endpoint endpoint(String scheme, InetSocketAddress a) {
        return Endpoint.of(scheme, a.getAddress().getHostAddress(), a.getPort());
    }

    private void came(byte what) {
        helloCame |= what == HELLO;
        if (started) {
            answer();
            if (what == THERE) {
                proven.complete(this);
            }
        }
    }

    private void answer() {
        if (!initiator && helloCame) {
            out.accept(new byte[] {THERE});
            proven.complete(this);
        }
    }

    CompletableFuture<Path> prove(Scope scope, boolean first) {
        initiator = first;
        started = true;
        if (first) {
            hello(scope, TIMES);
        } else {
            answer();
        }
        return proven;
    }

    private void hello(Scope scope, int left) {
        if (proven.isDone()) {
            return;
        }
        if (left == 0) {
            proven.completeExceptionally(new IOException("nobody answers here"));
            return;
        }
        out.accept(new byte[] {HELLO});
        scope.after(AGAIN, () -> hello(scope, left - 1));
    }

    @Override
    public Endpoint local() {
        return local;
    }

    @Override
    public Endpoint remote() {
        return remote;
    }

    @Override
    public int maxFrame() {
        return 1_200;
    }

    @Override
    public boolean reliable() {
        return false;
    }

    @Override
    public void start(PathHandler handler) {
        throw new AssertionError("the core's");
    }

    @Override
    public boolean send(int lane, ByteBuffer frame) {
        throw new AssertionError("the core's");
    }

    @Override
    public void receiving(boolean on) {}

    @Override
    public void close() {
        onClose.run();
    }
}
