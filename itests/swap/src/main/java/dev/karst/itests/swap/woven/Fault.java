// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap.woven;

import java.util.concurrent.locks.LockSupport;

/**
 * Copied into a provider's jar, where each of its SPI methods asks first whether to fail. Switched
 * by the property {@code itest.fault.BUNDLE}: {@code throw} makes every call throw; {@code hang}
 * makes calls that return a stage wait until the property goes, and a path's data calls throw, so
 * that others are looked for. How often it struck is counted in {@code itest.fired.BUNDLE}.
 */
public final class Fault {
    /** A call of a path, a cipher, a socket. */
    public static final int DATA = 0;

    /** A call with a deadline: it returns a stage. */
    public static final int STAGE = 1;

    /** A question to a provider that it answers at once. */
    public static final int QUESTION = 2;

    private static final long POLL_NANOS = 20_000_000;

    private Fault() {}

    /** Called by the woven methods. */
    public static void check(String bundle, int kind) {
        String key = "itest.fault." + bundle;
        String fault = System.getProperty(key);
        boolean hang = "hang".equals(fault);
        if (fault == null || hang && kind == QUESTION) {
            return;
        }
        synchronized (Fault.class) {
            String fired = "itest.fired." + bundle;
            System.setProperty(fired, String.valueOf(Integer.getInteger(fired, 0) + 1));
        }
        if (!hang || kind == DATA) {
            throw new IllegalStateException("a fault made by the test");
        }
        while (System.getProperty(key) != null) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
