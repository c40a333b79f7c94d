// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What the real world gives: time, a thread, files of other places. */
final class Outside {
    private Outside() {}

    static Clock clock() {
        return Clock.systemUTC();
    }

    static long millis() {
        return System.nanoTime() / 1_000_000;
    }

    /** One thread; a replacement takes minutes and mostly waits. */
    static ExecutorService thread() {
        return Executors.newSingleThreadExecutor(
                r -> {
                    Thread t = new Thread(r, "karst-upgrade");
                    t.setDaemon(true);
                    return t;
                });
    }

    /** By the container's own protocols, too: {@code mvn:}. */
    static InputStream open(String url) throws IOException {
        return URI.create(url).toURL().openStream();
    }
}
