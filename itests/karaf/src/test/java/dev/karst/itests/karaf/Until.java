// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * Looks again and again for what nobody tells, since a container or another process brings it
 * about; the one place of these tests that does.
 */
final class Until {
    private static final long LOOK_MILLIS = 20;

    private Until() {}

    /**
     * Returns once it holds.
     *
     * @throws AssertionError if it does not within that time
     */
    static void holds(String what, long seconds, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.call()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + seconds + " s: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }
}
