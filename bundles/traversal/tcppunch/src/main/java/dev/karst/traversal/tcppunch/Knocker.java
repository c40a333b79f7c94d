// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.tcppunch;

import dev.karst.IpAddresses;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.traversal.Attempt;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * Connects to one place again and again from the same port: a refusal only says that the peer's SYN
 * was not on its way yet. A connect that hears nothing is left to the kernel, which repeats the
 * SYN. At most {@value #MOST} connects. Runs on the attempt's executor.
 */
final class Knocker {
    private static final int MOST = 16;
    private static final int QUICK = 10;
    private static final long SOON_MILLIS = 50;
    private static final long LATER_MILLIS = 350;

    private final Attempt attempt;
    private final InetSocketAddress local;
    private final InetSocketAddress to;
    private final Consumer<TcpSocket> opened;
    private int knocks;
    private int refused;
    private int unreachable;
    private String other = "";
    private boolean waiting;
    private boolean over;

    Knocker(
            Attempt attempt,
            InetSocketAddress local,
            InetSocketAddress to,
            Consumer<TcpSocket> opened) {
        this.attempt = attempt;
        this.local = local;
        this.to = to;
        this.opened = opened;
    }

    void knock() {
        if (over || knocks == MOST) {
            return;
        }
        knocks++;
        waiting = true;
        attempt.scope()
                .network()
                .connectTcp(local, to)
                .whenComplete(
                        (socket, e) -> attempt.scope().executor().execute(() -> heard(socket, e)));
    }

    private void heard(TcpSocket socket, Throwable e) {
        waiting = false;
        if (socket != null) {
            over = true;
            opened.accept(socket);
            return;
        }
        Throwable t = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        if (t instanceof NoRouteToHostException) {
            unreachable++;
        } else if (t instanceof ConnectException) {
            refused++;
        } else {
            other = String.valueOf(t.getMessage());
        }
        if (!over) {
            long pause = knocks < QUICK ? SOON_MILLIS : LATER_MILLIS;
            double jitter = 0.8 + 0.4 * attempt.scope().random().nextDouble();
            Duration d = Duration.ofNanos((long) (pause * 1e6 * jitter));
            attempt.scope().after(d, this::knock);
        }
    }

    void end() {
        over = true;
    }

    @Override
    public String toString() {
        return IpAddresses.text(to)
                + ": "
                + knocks
                + " connects, "
                + refused
                + " refused, "
                + unreachable
                + " unreachable"
                + (waiting ? ", the last without an answer" : "")
                + (other.isEmpty() ? "" : ", " + other);
    }
}
