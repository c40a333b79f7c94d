// SPDX-License-Identifier: Apache-2.0
package dev.karst.directory.mqtt;

import dev.karst.spi.Scope;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tells the core what others put in our record's place, at most once per second and then the latest
 * only: whoever floods the topic does not flood the core.
 */
final class ForeignReports {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Consumer<Optional<byte[]>> onForeign;
    private final Scope scope;
    private boolean pausing;
    private boolean waiting;
    private Optional<byte[]> latest = Optional.empty();

    ForeignReports(Consumer<Optional<byte[]>> onForeign, Scope scope) {
        this.onForeign = onForeign;
        this.scope = scope;
    }

    /** Our record is missing, or these bytes are there instead. */
    void report(Optional<byte[]> bytes) {
        synchronized (this) {
            waiting = true;
            latest = bytes;
        }
        next();
    }

    /** All is well again: what waits is of no interest. */
    synchronized void clear() {
        waiting = false;
        latest = Optional.empty();
    }

    private void next() {
        Optional<byte[]> bytes;
        synchronized (this) {
            if (pausing || !waiting) {
                return;
            }
            pausing = true;
            bytes = latest;
            clear();
        }
        scope.count("directory.mqtt.foreign");
        scope.after(PAUSE, this::paused);
        onForeign.accept(bytes);
    }

    private void paused() {
        synchronized (this) {
            pausing = false;
        }
        next();
    }
}
