// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.turn.server.RelayPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;

/** A relayed UDP socket. */
final class UdpRelay extends RelayPort implements TurnListener.Ready {
    private final Relaying relaying;
    private final DatagramChannel channel;
    private final InetSocketAddress told;
    private final Batch batch = new Batch();

    UdpRelay(Relaying relaying, DatagramChannel channel, InetSocketAddress told) {
        this.relaying = relaying;
        this.channel = channel;
        this.told = told;
    }

    @Override
    protected InetSocketAddress address() {
        return told;
    }

    @Override
    protected void send(InetSocketAddress peer, ByteBuffer datagram) {
        relaying.send(channel, peer, datagram);
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        int limit = batch.begin();
        for (int i = 0; i < limit && channel.isOpen(); i++) {
            ByteBuffer in = relaying.buffer();
            InetSocketAddress from = (InetSocketAddress) channel.receive(in);
            if (from == null) {
                batch.end(i);
                return;
            }
            in.flip().position(Relaying.AT);
            relaying.core().peer(this, from, in, System.nanoTime());
        }
        batch.end(limit);
    }

    @Override
    protected void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It has no bytes of ours left.
        }
    }
}
