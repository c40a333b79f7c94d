// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.world;

/** Loggers by class. {@code System.Logger} needs no import: Karaf routes it to its own log. */
public final class Log {
    private Log() {}

    public static System.Logger of(Class<?> c) {
        return System.getLogger(c.getName());
    }
}
