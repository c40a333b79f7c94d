// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import dev.karst.Endpoint;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import java.nio.ByteBuffer;

/** A path that leads nowhere and remembers whether it was closed. */
final class FakePath implements Path {
    private final Endpoint from;
    private final Endpoint to;
    private final Runnable onClose;
    private volatile boolean closed;

    FakePath(Endpoint to) {
        this(Endpoint.of(to.scheme(), "127.0.0.1", 1), to, () -> {});
    }

    FakePath(Endpoint from, Endpoint to, Runnable onClose) {
        this.from = from;
        this.to = to;
        this.onClose = onClose;
    }

    boolean isOpen() {
        return !closed;
    }

    @Override
    public Endpoint local() {
        return from;
    }

    @Override
    public Endpoint remote() {
        return to;
    }

    @Override
    public int maxFrame() {
        return 1_200;
    }

    @Override
    public boolean reliable() {
        return true;
    }

    @Override
    public void start(PathHandler handler) {
        throw new AssertionError("the core starts paths, not a strategy");
    }

    @Override
    public boolean send(int lane, ByteBuffer frame) {
        throw new AssertionError("the core sends on paths, not a strategy");
    }

    @Override
    public void receiving(boolean on) {
        throw new AssertionError("the core receives on paths, not a strategy");
    }

    @Override
    public void close() {
        closed = true;
        onClose.run();
    }
}
