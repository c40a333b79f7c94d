// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.Subscription;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.random.RandomGenerator;

/**
 * The sending half of a connection: a queue with water marks, a window, retransmission (RFC 6298
 * timing, go-back-N). No congestion control: links have queues of their own.
 */
final class TcpSender {
    private static final int HIGH = 256 << 10;
    private static final int LOW = 64 << 10;
    private static final int MOST = 32 << 20;
    private static final int SEGMENT = 16 << 10;
    private static final long MIN_RTO = 200_000_000L;
    private static final long MAX_RTO = 60_000_000_000L;
    private static final long GIVE_UP = 900_000_000_000L;

    private static final class Sent {
        final Packet.Kind kind;
        final long seq;
        final byte[] data;
        final long at;
        boolean again;

        Sent(Packet.Kind kind, long seq, byte[] data, long at) {
            this.kind = kind;
            this.seq = seq;
            this.data = data;
            this.at = at;
        }

        long end() {
            return seq + (kind == Packet.Kind.FIN ? 1 : data.length);
        }
    }

    private final TcpConnection connection;
    private final SimHost host;
    private final RandomGenerator random;
    private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
    private final ArrayDeque<Sent> inFlight = new ArrayDeque<>();
    private long waitingBytes;
    private long una;
    private long next;
    private int window = TcpConnection.WINDOW;
    private boolean full;
    private boolean finishing;
    private boolean finSent;
    private int duplicates;
    private double srtt;
    private double rttvar;
    private long rto = 1_000_000_000L;
    private int backoff;
    private long progressAt;
    private Subscription timer;

    TcpSender(TcpConnection connection, SimHost host) {
        this.connection = connection;
        this.host = host;
        this.random = host.world().random("tcp " + connection.flow().id() + host.name());
    }

    boolean write(ByteBuffer... parts) {
        for (ByteBuffer p : parts) {
            if (p.hasRemaining()) {
                byte[] copy = new byte[p.remaining()];
                p.get(copy);
                waiting.add(ByteBuffer.wrap(copy));
                waitingBytes += copy.length;
            }
        }
        if (waitingBytes > MOST) {
            host.count("net.write-overflow");
            connection.abort();
            return false;
        }
        pump();
        full |= waitingBytes > HIGH;
        return !full;
    }

    void finish() {
        finishing = true;
        pump();
    }

    /** Sends as much as the window takes. */
    void pump() {
        if (!connection.open()) {
            return;
        }
        if (inFlight.isEmpty()) {
            progressAt = host.world().nanoTime();
        }
        while (waitingBytes > 0 && next - una < window) {
            byte[] data = take((int) Math.min(SEGMENT, window - (next - una)));
            send(new Sent(Packet.Kind.DATA, next, data, host.world().nanoTime()));
        }
        if (waitingBytes == 0 && finishing && !finSent) {
            finSent = true;
            send(new Sent(Packet.Kind.FIN, next, new byte[0], host.world().nanoTime()));
        }
        if (full && waitingBytes < LOW) {
            full = false;
            host.after(Duration.ZERO, () -> connection.tell(h -> h.writable()));
        }
        arm();
    }

    /**
     * The next bytes, at most that many; now and then fewer, so that framing is put to the test.
     */
    private byte[] take(int most) {
        int n = (int) Math.min(most, waitingBytes);
        if (random.nextInt(8) == 0) {
            n = random.nextInt(1, n + 1);
        }
        byte[] out = new byte[n];
        int at = 0;
        while (at < n) {
            ByteBuffer head = waiting.peek();
            int k = Math.min(n - at, head.remaining());
            head.get(out, at, k);
            at += k;
            if (!head.hasRemaining()) {
                waiting.poll();
            }
        }
        waitingBytes -= n;
        return out;
    }

    private void send(Sent s) {
        inFlight.add(s);
        next = s.end();
        connection.transmit(s.kind, s.seq, s.data);
    }

    void acknowledged(Packet.Segment s) {
        if (s.ack() > una) {
            una = s.ack();
            long now = host.world().nanoTime();
            while (!inFlight.isEmpty() && inFlight.peek().end() <= una) {
                Sent done = inFlight.poll();
                if (!done.again) {
                    sample(now - done.at);
                }
            }
            duplicates = 0;
            backoff = 0;
            progressAt = now;
            disarm();
        } else if (s.kind() == Packet.Kind.ACK && !inFlight.isEmpty() && s.window() == window) {
            if (++duplicates == 3) {
                again(inFlight.peek());
            }
        }
        window = s.window();
        pump();
    }

    private void sample(long rtt) {
        if (srtt == 0) {
            srtt = rtt;
            rttvar = rtt / 2.0;
        } else {
            rttvar = 0.75 * rttvar + 0.25 * Math.abs(srtt - rtt);
            srtt = 0.875 * srtt + 0.125 * rtt;
        }
        rto = Math.max(MIN_RTO, (long) (srtt + 4 * rttvar));
    }

    private void arm() {
        if (timer == null && (!inFlight.isEmpty() || waitingBytes > 0)) {
            long wait = Math.min(MAX_RTO, rto << Math.min(backoff, 10));
            timer = host.after(Duration.ofNanos(wait), this::late);
        }
    }

    private void disarm() {
        if (timer != null) {
            timer.close();
            timer = null;
        }
    }

    private void late() {
        timer = null;
        if (!connection.open()) {
            return;
        }
        if (host.world().nanoTime() - progressAt > GIVE_UP) {
            connection.fail(new SocketTimeoutException("Connection timed out"));
            return;
        }
        backoff++;
        if (inFlight.isEmpty()) {
            connection.transmit(Packet.Kind.PROBE, next, new byte[0]);
        } else {
            inFlight.forEach(this::again);
        }
        arm();
    }

    private void again(Sent s) {
        s.again = true;
        connection.transmit(s.kind, s.seq, s.data);
    }

    long next() {
        return next;
    }

    /** The end of the stream is with the host, which sees it off. */
    boolean ended() {
        return finSent;
    }

    void stop() {
        disarm();
        waiting.clear();
        waitingBytes = 0;
        inFlight.clear();
    }
}
