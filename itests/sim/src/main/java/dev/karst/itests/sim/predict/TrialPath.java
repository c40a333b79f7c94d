// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import dev.karst.Endpoint;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A path that only says where it goes. */
final class TrialPath implements Path {
    private final Endpoint local;
    private final Endpoint remote;

    TrialPath(String scheme, InetSocketAddress local, InetSocketAddress remote) {
        this.local = Endpoint.of(scheme, local.getAddress().getHostAddress(), local.getPort());
        this.remote = Endpoint.of(scheme, remote.getAddress().getHostAddress(), remote.getPort());
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
        return true;
    }

    @Override
    public void start(PathHandler handler) {}

    @Override
    public boolean send(int lane, ByteBuffer frame) {
        return true;
    }

    @Override
    public void receiving(boolean on) {}

    @Override
    public void close() {}
}
