// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap.woven;

import java.util.concurrent.locks.LockSupport;

/**
 * Copied into a provider's jar, where each of its SPI methods asks first whether to fail. Switched
 * by the property {@code itest.fault.BUNDLE}: {@code throw} makes every call throw; {@code hang}
 * makes control calls wait until the property goes, and ends a path by its first data call. How
 * often it struck is counted in {@code itest.fired.BUNDLE}.
 */
public final class Fault {
    private static final long POLL_NANOS = 20_000_000;

    private Fault() {}

    /** Called by the woven methods; {@code control} if the core calls it with a deadline. */
    public static void check(String bundle, boolean control) {
        String key = "itest.fault." + bundle;
        String fault = System.getProperty(key);
        if (fault == null) {
            return;
        }
        synchronized (Fault.class) {
            String fired = "itest.fired." + bundle;
            System.setProperty(fired, String.valueOf(Integer.getInteger(fired, 0) + 1));
        }
        if (fault.equals("throw") || !control) {
            throw new IllegalStateException("a fault made by the test");
        }
        while (System.getProperty(key) != null) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
