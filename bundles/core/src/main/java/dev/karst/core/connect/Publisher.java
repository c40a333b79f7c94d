// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.Endpoint;
import dev.karst.NodeEvent;
import dev.karst.Subscription;
import dev.karst.core.Counters;
import dev.karst.core.identity.Identity;
import dev.karst.core.registry.Detached;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.World;
import dev.karst.lib.record.PeerRecord;
import dev.karst.spi.directory.PeerDirectory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Keeps the signed record of this node in all directories. Its number only ever grows; when a
 * directory shows something else, it is published again above that, at most every five seconds.
 */
public final class Publisher {
    /** Remembers the number of the last record across restarts. */
    public interface NumberStore {
        long load();

        void save(long number) throws java.io.IOException;
    }

    private static final long LIFETIME_SECONDS = 24 * 3600;
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final Duration SETTLE = Duration.ofMillis(100);
    private static final Duration AGAIN = Duration.ofSeconds(5);
    private static final Duration SLOWLY = Duration.ofMinutes(2);
    private final World world;
    private final ProviderRegistry registry;
    private final Identity identity;
    private final Supplier<List<Endpoint>> signaling;
    private final Consumer<NodeEvent> events;
    private final NumberStore store;
    private final Counters counters;
    private final Map<ProviderHandle<?>, CoreScope> scopes = new HashMap<>();
    private Subscription timer;
    private long due;
    private long number;
    private long seen;
    private boolean closed;

    public Publisher(
            World world,
            ProviderRegistry registry,
            Identity identity,
            Supplier<List<Endpoint>> signaling,
            Consumer<NodeEvent> events,
            NumberStore store,
            Counters counters) {
        this.world = world;
        this.registry = registry;
        this.identity = identity;
        this.signaling = signaling;
        this.events = events;
        this.store = store;
        this.counters = counters;
        this.number = store.load();
    }

    /** Something in the record changed, or a directory came: publish shortly. */
    public void changed() {
        schedule(SETTLE);
    }

    /** Publishes after {@code delay}, unless it is due before that anyway. */
    private synchronized void schedule(Duration delay) {
        long at = world.nanoTime() + delay.toNanos();
        if (closed || timer != null && due - at <= 0) {
            return;
        }
        if (timer != null) {
            timer.close();
        }
        due = at;
        timer = world.after(delay, this::publish);
    }

    private void publish() {
        List<ProviderHandle<PeerDirectory>> directories = registry.usable(PeerDirectory.class);
        byte[] record;
        long n;
        synchronized (this) {
            timer = null;
            if (closed || directories.isEmpty()) {
                return;
            }
            number = Math.max(number, seen) + 1;
            n = number;
            try {
                store.save(n);
            } catch (java.io.IOException e) {
                events.accept(
                        new NodeEvent.Trouble(
                                "cannot store the record number: " + e, "free space on the disk"));
            }
            record = identity.record(n, LIFETIME_SECONDS, signaling.get());
        }
        AtomicInteger taken = new AtomicInteger();
        for (ProviderHandle<PeerDirectory> d : directories) {
            CoreScope scope = d.scope(null);
            CoreScope old;
            synchronized (this) {
                scopes.keySet().removeIf(ProviderHandle::isGone);
                old = scopes.put(d, scope);
            }
            Consumer<Optional<byte[]>> foreign = this::foreign;
            d.<Void>call(
                            "publish",
                            scope,
                            LIMIT,
                            (p, s) -> p.publish(identity.id(), record, foreign, s))
                    .whenComplete(
                            (v, e) -> {
                                if (old != null) {
                                    old.cancel();
                                }
                                if (e == null) {
                                    events.accept(
                                            new NodeEvent.Published(n, taken.incrementAndGet()));
                                } else if (!d.isGone()) {
                                    d.note("publish: " + Detached.text(e));
                                    schedule(SLOWLY); // the directory itself goes on trying
                                }
                            });
        }
        schedule(Duration.ofSeconds(LIFETIME_SECONDS / 2));
    }

    /** A directory shows something else under our name. */
    private void foreign(Optional<byte[]> bytes) {
        counters.add("directory.overwritten");
        try {
            if (bytes.isPresent()) {
                PeerRecord r = PeerRecord.verify(bytes.get());
                if (r.id().equals(identity.id())) {
                    synchronized (this) {
                        seen = Math.max(seen, r.number()); // ours, from an earlier life
                    }
                }
            }
        } catch (IllegalArgumentException e) {
            counters.add("directory.bad-record");
        }
        schedule(AGAIN);
    }

    public synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.close();
        }
        scopes.values().forEach(CoreScope::cancel);
    }
}
