// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.Peer;
import dev.karst.PipeInfo;

/** Watches how far the peer acknowledged, and measures the longest time without any progress. */
final class Progress extends Thread {
    private final Peer peer;
    private volatile boolean over;
    private long last = -1;
    private long since = System.nanoTime();
    private long longest;

    Progress(Peer peer) {
        super("itest-progress");
        setDaemon(true);
        this.peer = peer;
    }

    @Override
    public void run() {
        while (!over) {
            long now = System.nanoTime();
            long acknowledged = 0;
            for (PipeInfo p : peer.pipes()) {
                acknowledged += p.acknowledged();
            }
            synchronized (this) {
                if (acknowledged != last) {
                    last = acknowledged;
                    since = now;
                }
                longest = Math.max(longest, now - since);
            }
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** The longest pause since the last call, in milliseconds. */
    synchronized double take() {
        double ms = Math.max(longest, System.nanoTime() - since) / 1e6;
        longest = 0;
        return ms;
    }

    void end() {
        over = true;
    }
}
