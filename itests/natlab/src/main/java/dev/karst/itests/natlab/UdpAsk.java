// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/** Asks a {@link ProbeServer} by UDP, from a socket of the caller's. */
final class UdpAsk {

    /** On a machine that is busy with other things an answer may take this long: 3 s. */
    private static final int TRIES = 12;

    private static final long TRY_NANOS = 250_000_000L;

    /** What else was sent before an answer that came is here by now, if it comes at all. */
    private static final long BEHIND_NANOS = 100_000_000L;

    record Heard(ByteBuffer data, InetSocketAddress from) {}

    private UdpAsk() {}

    /** In the namespace of the calling thread; port 0 for any. */
    static DatagramChannel bound(int port) throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        channel.bind(new InetSocketAddress("0.0.0.0", port));
        return channel;
    }

    /**
     * How the socket looks from each of these places, by index; those that did not answer are
     * missing.
     */
    static Map<Integer, InetSocketAddress> seen(DatagramChannel by, List<InetSocketAddress> to)
            throws IOException {
        return seen(by, to, TRIES);
    }

    private static Map<Integer, InetSocketAddress> seen(
            DatagramChannel by, List<InetSocketAddress> to, int tries) throws IOException {
        Map<Integer, InetSocketAddress> seen = new TreeMap<>();
        long base = ThreadLocalRandom.current().nextLong() & ~0xFFL;
        for (int i = 0; i < tries && seen.size() < to.size(); i++) {
            for (int k = 0; k < to.size(); k++) {
                if (!seen.containsKey(k)) {
                    by.send(ProbeWire.request(base + k, ProbeWire.SAME), to.get(k));
                }
            }
            long until = System.nanoTime() + TRY_NANOS;
            Optional<Heard> heard = hear(by, until);
            while (heard.isPresent()) {
                ProbeWire.answer(heard.get().data)
                        .filter(a -> (a.token() & ~0xFFL) == base)
                        .ifPresent(a -> seen.put((int) (a.token() & 0xFF), a.seen()));
                heard = seen.size() < to.size() ? hear(by, until) : Optional.empty();
            }
        }
        return seen;
    }

    static Optional<InetSocketAddress> seen(DatagramChannel by, InetSocketAddress server)
            throws IOException {
        return Optional.ofNullable(seen(by, List.of(server)).get(0));
    }

    /** How a fresh socket of this namespace looks from there. */
    static Optional<InetSocketAddress> seen(InetSocketAddress server) throws IOException {
        try (DatagramChannel by = bound(0)) {
            return seen(by, server);
        }
    }

    /** Whether there is no answer for half a second. */
    static boolean silent(DatagramChannel by, InetSocketAddress server) throws IOException {
        return seen(by, List.of(server), 2).isEmpty();
    }

    /**
     * Whether an answer from elsewhere comes in. An ordinary answer that was asked for later tells
     * when there is no more hope, however slow the machine is.
     *
     * @param what {@link ProbeWire#OTHER_PORT} or {@link ProbeWire#OTHER_ADDRESS}
     */
    static boolean answered(DatagramChannel by, InetSocketAddress server, byte what)
            throws IOException {
        long token = ThreadLocalRandom.current().nextLong();
        for (int i = 0; i < 2; i++) {
            by.send(ProbeWire.request(token, what), server);
            by.send(ProbeWire.request(token + 1, ProbeWire.SAME), server);
            long until = System.nanoTime() + TRIES * TRY_NANOS;
            Optional<Heard> heard = hear(by, until);
            while (heard.isPresent()) {
                Optional<ProbeWire.Answer> answer = ProbeWire.answer(heard.get().data);
                if (answer.isPresent() && answer.get().token() == token) {
                    return true;
                }
                if (answer.isPresent() && answer.get().token() == token + 1) {
                    until = Math.min(until, System.nanoTime() + BEHIND_NANOS);
                }
                heard = hear(by, until);
            }
        }
        return false;
    }

    /** The next datagram, if one comes until then. */
    static Optional<Heard> hear(DatagramChannel by, long until) throws IOException {
        long left = (until - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            return Optional.empty();
        }
        DatagramPacket packet = new DatagramPacket(new byte[64], 64);
        by.socket().setSoTimeout((int) left);
        try {
            by.socket().receive(packet);
        } catch (SocketTimeoutException | PortUnreachableException e) {
            return Optional.empty();
        }
        ByteBuffer data = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
        return Optional.of(new Heard(data, (InetSocketAddress) packet.getSocketAddress()));
    }

    /** The median of some. */
    static double roundTripMillis(InetSocketAddress server) throws IOException {
        double[] times = new double[21];
        try (DatagramChannel by = bound(0)) {
            for (int i = 0; i < times.length; i++) {
                long begin = System.nanoTime();
                seen(by, server);
                times[i] = (System.nanoTime() - begin) / 1e6;
            }
        }
        Arrays.sort(times);
        return times[times.length / 2];
    }
}
