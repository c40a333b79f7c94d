// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.DatagramPipe;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.LockSupport;

/**
 * Numbered datagrams both ways. Only those that the pipe took get a number, so what is missing was
 * lost, and what was refused is counted apart. Those that come late fill their gap again.
 */
final class Numbered implements Flow.Subscriber<ByteBuffer>, AutoCloseable {
    private static final int SIZE = 1000;
    private static final int MOST_GAPS = 256;
    private static final long REFUSED_NANOS = 200_000;

    private static final class Open {
        final long first;
        final long next;
        final long from;
        final long to;
        long missing;

        Open(long first, long next, long from, long to) {
            this.first = first;
            this.next = next;
            this.from = from;
            this.to = to;
            this.missing = next - first;
        }
    }

    private final DatagramPipe pipe;
    private final Thread sender;
    private final List<Open> gaps = new ArrayList<>();
    private volatile boolean over;
    private volatile long sent;
    private volatile long refused;
    private long came;
    private long next;
    private long lastSent;
    private long doubled;

    /** With {@code perSecond} 0 at full speed. */
    Numbered(DatagramPipe pipe, long perSecond) {
        this.pipe = pipe;
        pipe.incoming().subscribe(this);
        sender = new Thread(() -> send(perSecond), "itest-datagrams");
        sender.setDaemon(true);
        sender.start();
    }

    private void send(long perSecond) {
        ByteBuffer b = ByteBuffer.allocate(SIZE);
        long begun = System.nanoTime();
        long number = 0;
        while (!over) {
            long now = System.nanoTime();
            if (perSecond > 0 && number * 1_000_000_000L / perSecond > now - begun) {
                LockSupport.parkNanos(1_000_000_000L / perSecond);
                continue;
            }
            b.clear().putLong(0, number).putLong(8, now);
            if (pipe.send(b)) {
                sent = ++number;
            } else {
                refused++;
                LockSupport.parkNanos(REFUSED_NANOS);
            }
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        s.request(Long.MAX_VALUE);
    }

    @Override
    public synchronized void onNext(ByteBuffer b) {
        long number = b.getLong();
        long at = b.getLong();
        if (number >= next) {
            if (number > next) {
                gaps.removeIf(g -> g.missing == 0);
                if (gaps.size() < MOST_GAPS) {
                    gaps.add(new Open(next, number, lastSent == 0 ? at : lastSent, at));
                }
            }
            came++;
            next = number + 1;
            lastSent = at;
            return;
        }
        for (Open g : gaps) {
            if (number >= g.first && number < g.next && g.missing > 0) {
                g.missing--;
                came++;
                return;
            }
        }
        doubled++;
    }

    @Override
    public void onError(Throwable t) {
        over = true;
    }

    @Override
    public void onComplete() {
        over = true;
    }

    /** Those that did not come so far, oldest first. */
    synchronized List<Wire.Gap> gaps() {
        List<Wire.Gap> out = new ArrayList<>();
        for (Open g : gaps) {
            if (g.missing > 0) {
                out.add(new Wire.Gap(g.first, g.from, g.to, g.missing));
            }
        }
        return out;
    }

    synchronized long came() {
        return came;
    }

    /** Datagrams that came twice, which must not be. */
    synchronized long doubled() {
        return doubled;
    }

    long sent() {
        return sent;
    }

    long refused() {
        return refused;
    }

    @Override
    public void close() {
        over = true;
        pipe.close();
    }
}
