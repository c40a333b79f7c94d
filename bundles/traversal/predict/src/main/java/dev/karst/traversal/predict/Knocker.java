// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.IpAddresses;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.traversal.Attempt;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Connects to one place again and again from the same port: a refusal only says that the peer's SYN
 * was not on its way yet. On the attempt's executor.
 */
final class Knocker {
    private static final int MOST = 12;
    private static final long SOON_MILLIS = 50;
    private static final long LATER_MILLIS = 350;
    private static final int QUICK = 8;

    private final Attempt attempt;
    private final InetSocketAddress local;
    private final InetSocketAddress to;
    private final Consumer<TcpSocket> opened;
    private int knocks;
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
        attempt.scope()
                .network()
                .connectTcp(local, to)
                .whenComplete((s, e) -> attempt.scope().executor().execute(() -> heard(s)));
    }

    private void heard(TcpSocket socket) {
        if (socket != null) {
            if (over) {
                socket.close();
            } else {
                over = true;
                opened.accept(socket);
            }
        } else if (!over) {
            long pause = knocks < QUICK ? SOON_MILLIS : LATER_MILLIS;
            double jitter = 0.8 + 0.4 * attempt.scope().random().nextDouble();
            attempt.scope().after(Duration.ofNanos((long) (pause * 1e6 * jitter)), this::knock);
        }
    }

    void end() {
        over = true;
    }

    @Override
    public String toString() {
        return local.getPort() + " to " + IpAddresses.text(to) + ": " + knocks + " connects";
    }
}
