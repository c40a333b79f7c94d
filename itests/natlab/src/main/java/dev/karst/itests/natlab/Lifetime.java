// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.time.Duration;

/**
 * Whether a UDP mapping is there, as seen by packets from outside that were ordered from inside
 * before.
 *
 * @param early just before its time is over
 * @param keptByInbound after its time, if packets came in all the while and none went out
 * @param late after its time without any packet
 */
record Lifetime(boolean early, boolean keptByInbound, boolean late) {

    private static final InetSocketAddress SERVER = ProbeWire.at(Plan.SERVER, ProbeWire.PORT);

    /**
     * Call it on a thread in the host's namespace; takes one and a half times as long as a mapping
     * lives, and a bit.
     */
    static Lifetime of(Duration life) throws IOException {
        long millis = life.toMillis();
        long over = millis * 3 / 2;
        try (DatagramChannel early = open();
                DatagramChannel kept = open();
                DatagramChannel late = open()) {
            order(early, millis * 3 / 4);
            for (long at = millis / 4; at <= over; at += millis / 4) {
                order(kept, at);
            }
            order(late, over);
            long begin = System.nanoTime();
            int heard = 0;
            while (heard < over / (millis / 4) && hear(kept, begin, over + 500)) {
                heard++;
            }
            return new Lifetime(
                    hear(early, begin, over + 500),
                    heard == over / (millis / 4),
                    hear(late, begin, over + 500));
        }
    }

    private static DatagramChannel open() throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        channel.bind(new InetSocketAddress("0.0.0.0", 0));
        return channel;
    }

    /** Asks for an answer so many milliseconds later. */
    private static void order(DatagramChannel by, long delayMillis) throws IOException {
        by.send(ProbeWire.request(delayMillis, ProbeWire.LATER), SERVER);
    }

    private static boolean hear(DatagramChannel by, long begin, long untilMillis)
            throws IOException {
        long left = untilMillis - (System.nanoTime() - begin) / 1_000_000;
        try {
            by.socket().setSoTimeout((int) Math.max(1, left));
            by.socket().receive(new DatagramPacket(new byte[64], 64));
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }
}
