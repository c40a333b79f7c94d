// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

/** Time since it was made, for what is shown to a person. The only clock of this bundle. */
final class Stopwatch {
    private final long start = System.nanoTime();

    long millis() {
        return (System.nanoTime() - start) / 1_000_000;
    }
}
