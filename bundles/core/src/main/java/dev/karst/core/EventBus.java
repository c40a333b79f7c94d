// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.NodeEvent;
import dev.karst.Subscription;
import dev.karst.core.world.Log;
import dev.karst.core.world.World;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Tells listeners what happened, in order, one event at a time, on a lane of its own. */
final class EventBus {
    private final CopyOnWriteArrayList<Consumer<? super NodeEvent>> listeners =
            new CopyOnWriteArrayList<>();
    private final Executor lane;

    EventBus(World world) {
        lane = world.lane("events");
    }

    void publish(NodeEvent event) {
        if (event instanceof NodeEvent.Trouble t) {
            Log.of(EventBus.class)
                    .log(System.Logger.Level.WARNING, "{0} ({1})", t.what(), t.advice());
        }
        if (listeners.isEmpty()) {
            return;
        }
        lane.execute(
                () -> {
                    for (Consumer<? super NodeEvent> l : listeners) {
                        try {
                            l.accept(event);
                        } catch (Throwable e) {
                            Log.of(EventBus.class)
                                    .log(System.Logger.Level.WARNING, "event listener failed", e);
                        }
                    }
                });
    }

    Subscription watch(Consumer<? super NodeEvent> listener) {
        Consumer<? super NodeEvent> unique = listener::accept;
        listeners.add(unique);
        return () -> listeners.remove(unique);
    }
}
