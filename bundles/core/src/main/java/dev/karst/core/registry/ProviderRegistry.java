// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.registry;

import dev.karst.NodeEvent.ProviderChanged;
import dev.karst.NodeEvent.ProviderChanged.Change;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.admin.ProviderRef;
import dev.karst.core.Counters;
import dev.karst.core.world.Log;
import dev.karst.core.world.World;
import dev.karst.spi.ProviderProperties;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * All providers of all kinds: the only class with dynamic references. Keyed by service id; lists
 * are copy-on-write. Binding a new provider before the old one is unbound (a planned replacement),
 * or after it (an update in place), are both the normal case.
 */
public final class ProviderRegistry {
    /** Told on the binding thread; must be quick. */
    public interface Listener {
        void arrived(ProviderHandle<?> handle, Class<?> kind);

        void left(ProviderHandle<?> handle, Class<?> kind);

        /** The core itself took it out of use, or back: it is not {@code usable()}, or again. */
        default void changed(ProviderHandle<?> handle, Class<?> kind) {}
    }

    private record Entry(long serviceId, Class<?> kind, ProviderHandle<?> handle) {}

    private final World world;
    private final Counters counters;
    private final Consumer<ProviderChanged> events;
    private final Map<Class<?>, String> kinds;
    private final CopyOnWriteArrayList<Entry> entries = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<Listener> listeners = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<Trial> trials = new CopyOnWriteArrayList<>();
    private final AtomicLong generations = new AtomicLong();

    public ProviderRegistry(World world, Counters counters, Consumer<ProviderChanged> events) {
        this.world = world;
        this.counters = counters;
        this.events = events;
        this.kinds = new HashMap<>();
    }

    /** Gives a kind its name. Before the first provider of the kind. */
    public void kind(Class<?> type, String name) {
        kinds.put(type, name);
    }

    public void listen(Listener l) {
        listeners.add(l);
        for (Entry e : entries) {
            l.arrived(e.handle, e.kind);
        }
    }

    /** A service came; {@code properties} are its service properties. */
    public <T> void bind(Class<T> kind, T service, Map<String, Object> properties) {
        long serviceId = ((Number) properties.getOrDefault("service.id", -1L)).longValue();
        Object name = properties.get(ProviderProperties.NAME);
        String kindName = kinds.getOrDefault(kind, kind.getSimpleName());
        ProviderRef ref =
                new ProviderRef(
                        kindName,
                        name == null ? "unnamed" : name.toString(),
                        generations.incrementAndGet());
        ProviderHandle<T> handle =
                new ProviderHandle<>(
                        ref,
                        String.valueOf(properties.getOrDefault("karst.bundle", "?")),
                        ((Number) properties.getOrDefault("service.ranking", 0)).intValue(),
                        strings(properties.get(ProviderProperties.SCHEME)),
                        strings(properties.get(ProviderProperties.OVER)),
                        service,
                        world,
                        counters,
                        (h, change, why) -> changed(h, kind, change, why));
        for (Trial t : trials) {
            if (t.bundle().equals(handle.bundle())) {
                handle.trial(t);
            }
        }
        entries.add(new Entry(serviceId, kind, handle));
        Log.of(ProviderRegistry.class).log(System.Logger.Level.INFO, "{0} arrived", ref);
        for (Listener l : listeners) {
            guarded(() -> l.arrived(handle, kind));
        }
        events.accept(
                new ProviderChanged(kindName, ref.name(), ref.generation(), Change.ARRIVED, ""));
    }

    /** A service left: nothing of it may stay behind. */
    public void unbind(Class<?> kind, Map<String, Object> properties) {
        long serviceId = ((Number) properties.getOrDefault("service.id", -1L)).longValue();
        for (Entry e : entries) {
            if (e.serviceId == serviceId && e.kind == kind && entries.remove(e)) {
                leave(e);
            }
        }
    }

    /** All leave: the node stops. */
    public void clear() {
        for (Entry e : entries) {
            if (entries.remove(e)) {
                leave(e);
            }
        }
    }

    private void leave(Entry e) {
        e.handle.gone();
        for (Listener l : listeners) {
            guarded(() -> l.left(e.handle, e.kind));
        }
        ProviderRef ref = e.handle.ref();
        Log.of(ProviderRegistry.class).log(System.Logger.Level.INFO, "{0} left", ref);
        events.accept(
                new ProviderChanged(ref.kind(), ref.name(), ref.generation(), Change.LEFT, ""));
    }

    private void changed(ProviderHandle<?> handle, Class<?> kind, Change change, String why) {
        ProviderRef ref = handle.ref();
        Log.of(ProviderRegistry.class)
                .log(
                        change == Change.QUARANTINED
                                ? System.Logger.Level.WARNING
                                : System.Logger.Level.INFO,
                        "{0} {1}: {2}",
                        ref,
                        change == Change.QUARANTINED ? "is quarantined" : "is back",
                        why);
        for (Listener l : listeners) {
            guarded(() -> l.changed(handle, kind));
        }
        events.accept(new ProviderChanged(ref.kind(), ref.name(), ref.generation(), change, why));
    }

    /** Providers of that bundle that come from now on serve only a share of the peers. */
    public Subscription tryOut(Trial trial) {
        trials.add(trial);
        return () -> {
            trials.remove(trial);
            for (Entry e : entries) {
                if (e.handle.trial() == trial) {
                    e.handle.trial(null);
                }
            }
        };
    }

    /** Those on trial, while their trial lasts. */
    public List<ProviderHandle<?>> onTrial() {
        List<ProviderHandle<?>> out = new ArrayList<>();
        entries.stream().map(Entry::handle).filter(h -> h.trial() != null).forEach(out::add);
        return out;
    }

    private void guarded(Runnable r) {
        try {
            r.run();
        } catch (RuntimeException e) {
            counters.add("registry.listener-failed");
            Log.of(ProviderRegistry.class).log(System.Logger.Level.ERROR, "listener failed", e);
        }
    }

    private static Set<String> strings(Object value) {
        Set<String> out = new TreeSet<>();
        if (value instanceof String s) {
            out.add(s.toLowerCase(Locale.ROOT));
        } else if (value instanceof String[] many) {
            for (String s : many) {
                out.add(s.toLowerCase(Locale.ROOT));
            }
        }
        return out;
    }

    /** Usable providers of a kind, best first: ranking, then the newest. */
    @SuppressWarnings("unchecked")
    public <T> List<ProviderHandle<T>> usable(Class<T> kind) {
        List<ProviderHandle<T>> out = new ArrayList<>();
        for (Entry e : entries) {
            if (e.kind == kind && e.handle.usable()) {
                out.add((ProviderHandle<T>) e.handle);
            }
        }
        out.sort(
                Comparator.<ProviderHandle<T>>comparingInt(h -> -h.ranking())
                        .thenComparingLong(h -> -h.ref().generation()));
        return out;
    }

    /**
     * Usable providers of a kind for one peer, best first. One on trial that does not serve the
     * peer is left out where another has its name.
     *
     * @param peer null while nobody knows who it is: then none on trial does
     */
    public <T> List<ProviderHandle<T>> usable(Class<T> kind, PeerId peer) {
        List<ProviderHandle<T>> all = usable(kind);
        List<ProviderHandle<T>> out = new ArrayList<>(all);
        out.removeIf(h -> !h.serves(peer) && all.stream().anyMatch(o -> elder(o, h)));
        return out;
    }

    private static boolean elder(ProviderHandle<?> of, ProviderHandle<?> h) {
        return of.trial() == null && of.ref().name().equals(h.ref().name());
    }

    /** Every provider, usable or not, in order of arrival. */
    public List<ProviderHandle<?>> all() {
        List<ProviderHandle<?>> out = new ArrayList<>();
        entries.forEach(e -> out.add(e.handle));
        return out;
    }

    /** Marks a provider as draining, or takes it back. Null when it is not known. */
    public ProviderHandle<?> draining(ProviderRef ref, boolean on) {
        for (Entry e : entries) {
            if (e.handle.ref().equals(ref)) {
                e.handle.draining(on);
                events.accept(
                        new ProviderChanged(
                                ref.kind(),
                                ref.name(),
                                ref.generation(),
                                on ? Change.DRAINING : Change.ARRIVED,
                                on ? "" : "undrained"));
                return e.handle;
            }
        }
        return null;
    }
}
