// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * UDP hole punching in its plainest form, to see whether two routers let it through at all: no
 * Karst, no STUN.
 */
final class Punch {

    private static final int ROUNDS = 20;
    private static final InetSocketAddress SERVER = ProbeWire.at(Plan.SERVER, ProbeWire.PORT);

    /** One side: sends to where the other was seen last. */
    private static final class Side {
        final DatagramChannel by;
        final InetSocketAddress outside;
        InetSocketAddress to;
        boolean heard;

        Side(NetNs ns) throws Exception {
            by = ns.call(() -> UdpAsk.bound(0));
            outside =
                    UdpAsk.seen(by, SERVER)
                            .orElseThrow(() -> new LabException(ns.name() + ": no answer"));
            by.configureBlocking(false);
        }

        void send() {
            try {
                by.send(ByteBuffer.wrap(new byte[] {42}), to);
            } catch (IOException e) {
                // an ICMP error of an earlier packet
            }
        }

        void hear() {
            ByteBuffer in = ByteBuffer.allocate(64);
            Optional<InetSocketAddress> from = receive(in);
            while (from.isPresent()) {
                if (in.position() == 1) {
                    heard = true;
                    to = from.get();
                }
                in.clear();
                from = receive(in);
            }
        }

        private Optional<InetSocketAddress> receive(ByteBuffer in) {
            try {
                return Optional.ofNullable((InetSocketAddress) by.receive(in));
            } catch (IOException e) {
                return Optional.empty();
            }
        }
    }

    private Punch() {}

    /** Whether both hear each other within a second. Needs a {@link ProbeServer}. */
    static boolean udp(NetNs one, NetNs two) throws Exception {
        Side a = new Side(one);
        Side b = new Side(two);
        try (a.by;
                b.by) {
            a.to = b.outside;
            b.to = a.outside;
            for (int i = 0; i < ROUNDS && !(a.heard && b.heard); i++) {
                a.send();
                b.send();
                LockSupport.parkNanos(50_000_000);
                a.hear();
                b.hear();
            }
            return a.heard && b.heard;
        }
    }
}
