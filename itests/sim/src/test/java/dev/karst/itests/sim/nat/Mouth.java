// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.SimHost;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A UDP socket for tests: keeps who spoke to it. */
final class Mouth implements UdpSocket.Handler {
    final List<InetSocketAddress> heard = new ArrayList<>();
    private final SimHost host;
    private final UdpSocket socket;

    Mouth(SimHost host, int port) {
        this(host, host.at(port));
    }

    Mouth(SimHost host, InetSocketAddress local) {
        this.host = host;
        this.socket = host.world().await(host.network().bindUdp(local), Duration.ofSeconds(1));
        socket.start(this);
    }

    void say(InetSocketAddress to) {
        socket.send(to, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    /** Says it and lets a second pass. */
    void sayAndWait(InetSocketAddress to) {
        say(to);
        host.world().run(Duration.ofSeconds(1));
    }

    /** Who spoke last. */
    InetSocketAddress last() {
        return heard.get(heard.size() - 1);
    }

    @Override
    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
        heard.add(from);
    }

    @Override
    public void closed() {}
}
