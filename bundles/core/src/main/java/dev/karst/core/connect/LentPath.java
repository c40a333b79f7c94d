// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.Endpoint;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import java.nio.ByteBuffer;

/**
 * A path in the hands of a strategy. Once it was given to be proven it is the core's: a strategy
 * that closes the losers of its race must not close what the peer may have chosen meanwhile.
 */
final class LentPath implements Path {
    private final Endpoint local;
    private final Endpoint remote;
    private final int maxFrame;
    private final boolean reliable;
    private final byte[] binding;
    private volatile Path path;

    LentPath(Path path) {
        this.path = path;
        this.local = path.local();
        this.remote = path.remote();
        this.maxFrame = path.maxFrame();
        this.reliable = path.reliable();
        this.binding = path.binding();
    }

    /** Takes the path back for good. */
    Path take() {
        Path p = path;
        path = null;
        return p;
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
        return maxFrame;
    }

    @Override
    public boolean reliable() {
        return reliable;
    }

    @Override
    public byte[] binding() {
        return binding.clone();
    }

    @Override
    public void start(PathHandler handler) {
        Path p = path;
        if (p != null) {
            p.start(handler);
        }
    }

    @Override
    public boolean send(int lane, ByteBuffer frame) {
        Path p = path;
        return p != null && p.send(lane, frame);
    }

    @Override
    public void hold(boolean on) {
        Path p = path;
        if (p != null) {
            p.hold(on);
        }
    }

    @Override
    public void receiving(boolean on) {
        Path p = path;
        if (p != null) {
            p.receiving(on);
        }
    }

    @Override
    public void close() {
        Path p = path;
        if (p != null) {
            p.close();
        }
    }
}
