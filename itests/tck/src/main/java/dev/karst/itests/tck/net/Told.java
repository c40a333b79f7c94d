// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.net;

import dev.karst.spi.net.NetDriver;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes readiness calls and turns its own interest off at each, as level triggers want it. */
final class Told implements NetDriver.Readiness {
    final LinkedBlockingQueue<Integer> calls = new LinkedBlockingQueue<>();
    final AtomicInteger broken = new AtomicInteger();
    volatile NetDriver.Drive drive;
    volatile Runnable during = () -> {};
    private final AtomicInteger inside = new AtomicInteger();

    @Override
    public void ready(int ops) {
        if (inside.incrementAndGet() > 1 || !drive.inLoop()) {
            broken.incrementAndGet();
        }
        drive.interest(0);
        calls.add(ops);
        during.run();
        inside.decrementAndGet();
    }

    Integer next() throws InterruptedException {
        return calls.poll(5, TimeUnit.SECONDS);
    }
}
