// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.PortInfo;
import dev.karst.core.registry.Detached;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.Log;
import dev.karst.core.world.World;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The lease ledger: keeps the wanted ports open on the router, by whichever mapper answers first,
 * renews them at half life, moves them to another protocol when theirs fails or is drained, and
 * closes what is wanted no more. Mappers come and go; the leases are data here and on disk.
 */
public final class PortKeeper {
    private static final Duration[] RETRY = {
        Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(10)
    };

    /** A lease without an end is looked after, too: the router may have forgotten it. */
    private static final Duration PERMANENT_CHECK = Duration.ofMinutes(20);

    private static final Duration SHORTEST = Duration.ofSeconds(1);

    /** How long a lease of an earlier run waits for its mapper before a new one is made. */
    private static final Duration ADOPTION = Duration.ofSeconds(3);

    private final World world;
    private final PortSettings settings;
    private final LeaseStore store;
    private final Supplier<NatProfile> nat;
    private final Consumer<PortInfo> events;
    private final Executor lane;
    private final Mappers mappers;
    private final Map<Want, Claim> claims = new LinkedHashMap<>();
    private final CopyOnWriteArrayList<Claim> shown = new CopyOnWriteArrayList<>();
    private final List<Held> orphans = new ArrayList<>();
    private final long startedNanos;
    private volatile boolean closed;
    private boolean loaded;

    /**
     * @param nat what servers see of us, to judge a mapping
     * @param events told of each port that was opened, moved or lost
     */
    public PortKeeper(
            World world,
            ProviderRegistry registry,
            PortSettings settings,
            LeaseStore store,
            Supplier<NatProfile> nat,
            Consumer<PortInfo> events) {
        this.world = world;
        this.settings = settings;
        this.store = store;
        this.nat = nat;
        this.events = events;
        this.lane = world.lane("ports");
        this.mappers = new Mappers(world, registry, settings, lane, this::forgot);
        this.startedNanos = world.nanoTime();
    }

    // --- what is wanted ---

    /** These and no others from now on; what is wanted no more is closed. Any thread. */
    public void want(Supplier<Set<Want>> now) {
        lane.execute(
                () -> {
                    if (closed || !settings.on() && loaded) {
                        return;
                    }
                    load();
                    Set<Want> wants = settings.on() ? now.get() : Set.of();
                    for (Claim c : List.copyOf(claims.values())) {
                        if (!wants.contains(c.want)) {
                            drop(c);
                        }
                    }
                    for (Want w : wants) {
                        if (!claims.containsKey(w)) {
                            Claim c = new Claim(w);
                            claims.put(w, c);
                            shown.add(c);
                        }
                    }
                    step();
                });
    }

    /** A mapper came, went or is drained. Any thread. */
    public void mappersChanged() {
        lane.execute(
                () -> {
                    mappers.changed();
                    for (Claim c : claims.values()) {
                        if (c.held != null) {
                            watch(c);
                        } else if (!c.busy) {
                            c.failures = 0;
                            c.timer(() -> {});
                        }
                        if (c.busy) {
                            c.search.ifPresent(Acquisition::join);
                        }
                    }
                    step();
                });
    }

    /** Moves what is left on a protocol that is drained to another, if one can. Any thread. */
    public void drained(ProviderHandle<?> provider) {
        lane.execute(
                () -> {
                    for (Claim c : claims.values()) {
                        if (c.held != null
                                && c.held.by().equals(provider.ref().name())
                                && mappers.named(c.held.by()).isEmpty()) {
                            move(c);
                        }
                    }
                });
    }

    /** Addresses or routes changed: routers are looked for anew. Any thread. */
    public void networkChanged() {
        lane.execute(
                () -> {
                    mappers.forget();
                    for (Claim c : claims.values()) {
                        if (c.held != null && !c.busy) {
                            renew(c);
                        }
                    }
                });
    }

    private void load() {
        if (!loaded) {
            loaded = true;
            Instant now = world.clock().instant();
            store.load().stream().filter(h -> h.until().isAfter(now)).forEach(orphans::add);
            world.after(ADOPTION, () -> lane.execute(this::step));
        }
    }

    /** Starts what can be started: claims without a lease, and leases of an earlier run. */
    private void step() {
        if (closed) {
            return;
        }
        for (Claim c : List.copyOf(claims.values())) {
            if (c.held == null && !c.busy && c.failures == 0) {
                begin(c);
            }
        }
        if (world.nanoTime() - startedNanos >= ADOPTION.toNanos()) {
            for (Held h : List.copyOf(orphans)) {
                boolean awaited =
                        claims.values().stream()
                                .anyMatch(c -> c.held == null && c.want.fits(h.lease()));
                if (!awaited) {
                    releaseOrphan(h);
                }
            }
        }
    }

    private void begin(Claim c) {
        Optional<Held> earlier = orphans.stream().filter(h -> c.want.fits(h.lease())).findFirst();
        if (earlier.isEmpty()) {
            acquire(c, Set.of());
            return;
        }
        if (mappers.named(earlier.get().by()).isPresent()) {
            orphans.remove(earlier.get());
            c.held = earlier.get();
            renew(c);
        } else if (world.nanoTime() - startedNanos >= ADOPTION.toNanos()) {
            acquire(c, Set.of()); // its protocol is gone: another one, beside the old lease
        }
    }

    private void releaseOrphan(Held h) {
        Optional<Claim> heir =
                claims.values().stream().filter(c -> c.want.fits(h.lease())).findFirst();
        if (mappers.speaking(h.by()).isPresent()) {
            orphans.remove(h);
            replaced(h, heir).thenRun(this::save);
        }
    }

    // --- one port ---

    /** Asks all mappers at once; the first router that grants it wins. */
    private void acquire(Claim c, Set<String> but) {
        if (mappers.usable(but).isEmpty()) {
            if (c.held == null) {
                c.trouble = "no port mapper: install karst-portmap-pcp, -natpmp or -upnp";
            }
            return;
        }
        c.busy = true;
        int port = suggested(c);
        Acquisition search =
                new Acquisition(mappers, c.want, c.want.request(port, settings.lifetime()), but);
        c.search = Optional.of(search);
        search.run()
                .whenComplete(
                        (held, e) -> {
                            c.search = Optional.empty();
                            if (e == null) {
                                granted(c, held);
                            } else {
                                failed(c, Detached.of(e).getMessage());
                            }
                        });
    }

    /** Our own port outside, too; beside an older lease of another protocol, another one. */
    private int suggested(Claim c) {
        int inside = c.want.internal().getPort();
        Optional<Held> older =
                Optional.ofNullable(c.held)
                        .or(() -> orphans.stream().filter(h -> c.want.fits(h.lease())).findFirst());
        if (older.isEmpty() || older.get().six() || older.get().lease().externalPort() != inside) {
            return inside;
        }
        return inside == 65535 ? inside - 1 : inside + 1;
    }

    private void granted(Claim c, Held now) {
        c.busy = false;
        Held old = c.held;
        PortLease lease = now.lease();
        if (c.over || closed) {
            close(now); // wanted no more, meanwhile
            return;
        }
        c.held = now;
        c.failures = 0;
        c.trouble = "";
        schedule(c, half(lease));
        watch(c);
        save();
        boolean same =
                old != null
                        && old.by().equals(now.by())
                        && old.lease().externalPort() == lease.externalPort()
                        && old.lease().external().equals(lease.external());
        if (!same) {
            log("opened " + Words.line(now));
            tell(c);
        }
        if (old != null && !old.by().equals(now.by())) {
            replaced(old, Optional.of(c)); // only now: the new one is published
        }
    }

    /**
     * Closes what a claim needs no more, if that is not the end of what it has. Where that cannot
     * be known it is asked for again at once.
     */
    private CompletableFuture<Void> replaced(Held old, Optional<Claim> heir) {
        Optional<Claim> shared = heir.filter(c -> c.held != null && c.held.shares(old));
        if (shared.isPresent() && !old.six()) {
            log(Words.line(old) + " became one by " + shared.get().held.by());
            return CompletableFuture.completedFuture(null);
        }
        return close(old)
                .thenRun(
                        () ->
                                shared.filter(c -> c.held != null && !c.busy && !c.over && !closed)
                                        .ifPresent(this::renew));
    }

    /**
     * Lets the mapper know the router of a lease that it did not make itself: another instance did,
     * or the node in an earlier run. Else nobody would hear that the router forgot.
     */
    private void watch(Claim c) {
        mappers.named(c.held.by()).ifPresent(m -> mappers.probe(m, c.want.route()));
    }

    private static Duration half(PortLease lease) {
        Duration half = lease.lifetime().dividedBy(2);
        return lease.lifetime().isZero()
                ? PERMANENT_CHECK
                : half.compareTo(SHORTEST) < 0 ? SHORTEST : half;
    }

    private void schedule(Claim c, Duration after) {
        c.timer(world.after(after, () -> lane.execute(() -> due(c))));
    }

    private void due(Claim c) {
        if (c.over || closed || c.busy) {
            return;
        }
        if (c.held == null) {
            begin(c);
        } else {
            renew(c);
        }
    }

    private void renew(Claim c) {
        Held h = c.held;
        Optional<ProviderHandle<PortMapper>> m = mappers.named(h.by());
        if (m.isEmpty()) {
            c.trouble = h.by() + " has left";
            move(c);
            return;
        }
        c.busy = true;
        mappers.renew(
                        m.get(),
                        h.lease(),
                        c.want.request(h.lease().externalPort(), settings.lifetime()))
                .whenComplete(
                        (lease, e) -> {
                            if (e == null) {
                                granted(c, mappers.held(h.by(), h.gateway(), lease));
                            } else {
                                c.busy = false;
                                c.trouble = "renewal: " + Detached.of(e).getMessage();
                                mappers.stale(h.by());
                                move(c);
                            }
                        });
    }

    /** Another protocol first, then the old lease is released; without one, what there is stays. */
    private void move(Claim c) {
        if (c.busy || c.over) {
            return;
        }
        if (mappers.usable(Set.of(c.held.by())).isEmpty()) {
            failed(c, c.trouble);
        } else {
            acquire(c, Set.of(c.held.by()));
        }
    }

    private void failed(Claim c, String why) {
        c.busy = false;
        boolean news = c.failures++ == 0;
        c.trouble = why;
        Held h = c.held;
        if (h != null && h.until().isBefore(world.clock().instant())) {
            c.held = null;
            log("lost " + Words.line(h) + ": " + why);
            save();
            tell(c);
        } else if (h == null && news) {
            log("no port for " + c.want + ": " + why);
        }
        if (!c.over && !closed) {
            schedule(c, RETRY[Math.min(c.failures - 1, RETRY.length - 1)]);
        }
    }

    /** A router lost its mappings: they are made again at once, on the ports they had. */
    private void forgot(String protocol) {
        for (Claim c : claims.values()) {
            if (c.held != null && c.held.by().equals(protocol) && !c.busy) {
                log("the router forgot " + Words.line(c.held));
                renew(c);
            }
        }
    }

    private void drop(Claim c) {
        claims.remove(c.want);
        shown.remove(c);
        c.over = true;
        c.timer(() -> {});
        if (c.held != null) {
            close(c.held);
            c.held = null;
            save();
        }
    }

    /** Closes a port; without a mapper to do it, that waits until there is one again. */
    private CompletableFuture<Void> close(Held h) {
        Optional<ProviderHandle<PortMapper>> m = mappers.speaking(h.by());
        if (m.isEmpty()) {
            orphans.add(h);
            save();
            return CompletableFuture.completedFuture(null);
        }
        return mappers.release(m.get(), h.lease())
                .handle(
                        (v, e) -> {
                            log(
                                    (e == null ? "closed " : "could not close ")
                                            + Words.line(h)
                                            + (e == null ? "" : ": " + Detached.text(e)));
                            return null;
                        });
    }

    // --- for others ---

    /** What hangs on a provider alone: leases of its protocol that no other instance serves. */
    public List<String> holds(ProviderHandle<?> provider) {
        List<String> out = new ArrayList<>();
        boolean other = mappers.named(provider.ref().name()).filter(h -> h != provider).isPresent();
        for (Claim c : shown) {
            Held h = c.held;
            if (h != null && h.by().equals(provider.ref().name()) && !other) {
                out.add("lease " + Words.line(h));
            }
        }
        return out;
    }

    /** Places outside where this node can be reached; none that is known to lead nowhere. */
    public List<InetSocketAddress> mapped(Protocol protocol) {
        List<InetSocketAddress> out = new ArrayList<>();
        for (Claim c : shown) {
            if (c.want.protocol() == protocol) {
                outside(c).ifPresent(out::add);
            }
        }
        return out;
    }

    /** Where the router forwards to that socket. */
    public Optional<InetSocketAddress> mapped(Protocol protocol, InetSocketAddress internal) {
        for (Claim c : shown) {
            if (c.want.protocol() == protocol && c.want.internal().equals(internal)) {
                return outside(c);
            }
        }
        return Optional.empty();
    }

    private Optional<InetSocketAddress> outside(Claim c) {
        Held h = c.held;
        if (h == null || Reach.judge(h.lease(), nat.get()).startsWith("no")) {
            return Optional.empty();
        }
        return h.lease().external().map(a -> new InetSocketAddress(a, h.lease().externalPort()));
    }

    public List<PortInfo> info() {
        return shown.stream().map(this::info).toList();
    }

    private PortInfo info(Claim c) {
        return Words.info(c.want, c.held, c.trouble, nat.get());
    }

    private void tell(Claim c) {
        events.accept(info(c));
    }

    private void save() {
        List<Held> all = new ArrayList<>(orphans);
        for (Claim c : claims.values()) {
            if (c.held != null) {
                all.add(c.held);
            }
        }
        try {
            store.save(all);
        } catch (IOException e) {
            Log.of(PortKeeper.class)
                    .log(
                            System.Logger.Level.WARNING,
                            "cannot keep the lease ledger ({0}): after a crash, ports may stay open"
                                    + " until their leases end",
                            e.toString());
        }
    }

    private static void log(String line) {
        Log.of(PortKeeper.class).log(System.Logger.Level.INFO, line);
    }

    /**
     * The node stops: closes all ports.
     *
     * @return completes when routers answered or did not in time; at most about two seconds later
     */
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        lane.execute(
                () -> {
                    if (closed) {
                        done.complete(null);
                        return;
                    }
                    closed = true;
                    List<CompletableFuture<Void>> closing = new ArrayList<>();
                    for (Claim c : claims.values()) {
                        c.timer(() -> {});
                        if (c.held != null) {
                            Held h = c.held;
                            closing.add(
                                    close(h).thenRun(
                                                    () -> {
                                                        c.held = null;
                                                        save();
                                                    }));
                        }
                    }
                    CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new))
                            .whenComplete((v, e) -> done.complete(null));
                });
        return done;
    }
}
