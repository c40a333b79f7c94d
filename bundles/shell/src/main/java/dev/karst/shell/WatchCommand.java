// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.NodeEvent;
import dev.karst.Subscription;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "watch",
        description = "Shows events as they come",
        detailedDescription = "Ends after the given seconds, or when interrupted.")
public final class WatchCommand extends KarstCommand {

    @Argument(name = "seconds", description = "How long to watch")
    private String time = "60";

    @Override
    void run(PrintStream out) throws Exception {

        int seconds = Numbers.parse("seconds", time, 1, 86_400);
        BlockingQueue<NodeEvent> events = new ArrayBlockingQueue<>(1000);
        AtomicLong lost = new AtomicLong();
        Stopwatch watch = new Stopwatch();
        Subscription watching =
                node().watch(
                                e -> {
                                    if (!events.offer(e)) {
                                        lost.incrementAndGet();
                                    }
                                });
        try (watching) {
            for (long left; (left = seconds * 1000L - watch.millis()) > 0; ) {
                NodeEvent e = events.poll(left, TimeUnit.MILLISECONDS);
                if (e != null) {
                    out.println(
                            String.format(
                                    Locale.ROOT,
                                    "%8.3f  %s",
                                    watch.millis() / 1e3,
                                    Reports.line(e)));
                }
            }
        }
        if (lost.get() > 0) {
            out.println(lost + " events came faster than they could be shown");
        }
    }
}
