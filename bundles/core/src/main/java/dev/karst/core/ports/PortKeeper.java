// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.PortInfo;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.World;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.portmap.PortMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The lease ledger: keeps the wanted ports open on the router, by whichever mapper answers first,
 * renews them at half life, moves them to another protocol when theirs fails or is drained, and
 * closes what is wanted no more. Mappers come and go; the leases are data here and on disk.
 */
public final class PortKeeper {
    /** A lease without an end is given up after so many failed checks in a row. */
    private static final int CHECKS = 3;

    /** How long a lease of an earlier run waits for its mapper before a new one is made. */
    private static final Duration ADOPTION = Duration.ofSeconds(3);

    /** A port may be unwanted for a moment: its transport is replaced, its route blinks. */
    private static final Duration LINGER = Duration.ofSeconds(15);

    /** How long the node waits for its routers when it stops. */
    private static final Duration FAREWELL = Duration.ofMillis(2500);

    private final World world;
    private volatile PortSettings settings;
    private final Ledger ledger;
    private final Consumer<PortInfo> events;
    private final Executor lane;
    private final Mappers mappers;
    private final Closing closing;
    private final Map<Want, Claim> claims = new LinkedHashMap<>();
    private final Shown shown;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final long startedNanos;
    private boolean closed;
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
        this.ledger = new Ledger(store);
        this.events = events;
        this.shown = new Shown(nat);
        this.lane = world.lane("ports");
        this.mappers = new Mappers(world, registry, () -> this.settings, lane, this::forgot);
        this.closing =
                new Closing(
                        world,
                        mappers,
                        lane,
                        h -> any(c -> c.busy && c.want.fits(h.lease())),
                        h -> any(c -> c.held == null && !c.unwanted && c.want.fits(h.lease())),
                        this::save,
                        this::closedOne);
        this.startedNanos = world.nanoTime();
    }

    private boolean any(Predicate<Claim> which) {
        return claims.values().stream().anyMatch(which);
    }

    public void settings(PortSettings next) { // leases that stand are renewed by them
        settings = next;
    }

    /** These and no others from now on; what is wanted no more is closed soon. Any thread. */
    public void want(Supplier<Set<Want>> now) {
        lane.execute(
                () -> {
                    if (closed || !settings.on() && loaded && claims.isEmpty()) {
                        return;
                    }
                    load();
                    Set<Want> wants = settings.on() ? now.get() : Set.of();
                    for (Want w : wants) {
                        Claim c = claims.get(w);
                        if (c == null) {
                            claims.put(w, c = new Claim(w));
                            shown.add(c);
                        }
                        c.retain();
                    }
                    for (Claim c : List.copyOf(claims.values())) {
                        if (!wants.contains(c.want)) {
                            leave(c);
                        }
                    }
                    step(false);
                });
    }

    /** Back to its router in a while; at once where the same socket goes another way out now. */
    private void leave(Claim c) {
        boolean news = !c.unwanted;
        c.unwanted = true;
        if (c.held == null && !c.busy || any(o -> !o.unwanted && o.want.sameSocket(c.want))) {
            drop(c);
        } else if (news) {
            c.linger(world.after(LINGER, () -> lane.execute(() -> lingered(c))));
        }
    }

    private void lingered(Claim c) {
        if (c.unwanted && !closed) {
            drop(c);
        }
    }

    /** A mapper came, went or is drained. Any thread. */
    public void mappersChanged() {
        lane.execute(
                () -> {
                    mappers.changed();
                    for (Claim c : List.copyOf(claims.values())) {
                        if (c.busy) {
                            c.search.ifPresent(Acquisition::join);
                        } else if (c.failures > 0) {
                            c.failures = 0;
                            due(c);
                        } else if (c.held != null) {
                            watch(c);
                        }
                    }
                    step(true);
                });
    }

    /** Moves what is left on a protocol that is drained to another, if one can. Any thread. */
    public void drained(ProviderHandle<?> provider) {
        lane.execute(
                () -> {
                    String name = provider.ref().name();
                    for (Claim c : List.copyOf(claims.values())) {
                        if (closed || c.busy || c.held == null || !c.held.by().equals(name)) {
                            continue;
                        }
                        if (mappers.named(name).isPresent()) {
                            return;
                        }
                        if (c.unwanted) {
                            drop(c);
                        } else if (movable(c)) {
                            acquire(c, Set.of(name));
                        }
                    }
                });
    }

    /** Addresses or routes changed: routers are looked for anew. Any thread. */
    public void networkChanged() {
        lane.execute(
                () -> {
                    mappers.forget();
                    for (Claim c : List.copyOf(claims.values())) {
                        if (c.held == null && !c.busy) {
                            c.failures = 0;
                        }
                        refresh(c);
                    }
                    step(true);
                });
    }

    private void load() {
        if (!loaded) {
            loaded = true;
            closing.load(ledger.load());
            world.after(ADOPTION, () -> lane.execute(() -> step(false)));
        }
    }

    private boolean adopting() {
        return world.nanoTime() - startedNanos < ADOPTION.toNanos();
    }

    /**
     * Starts what can be started: claims without a lease, and leases that are to be closed.
     *
     * @param again those as well whose release failed before
     */
    private void step(boolean again) {
        if (closed) {
            return;
        }
        for (Claim c : List.copyOf(claims.values())) {
            if (c.held == null && !c.busy && c.failures == 0) {
                begin(c);
            }
        }
        if (!adopting()) {
            closing.sweep(again);
        }
    }

    private void begin(Claim c) {
        if (c.unwanted) {
            return;
        }
        if (closing.running(c.want) || any(o -> o.unwanted && o.want.sameSocket(c.want))) {
            schedule(c, Pace.SOON); // the old lease is on its way back: its end tells, too
            return;
        }
        Optional<Held> earlier = closing.find(c.want);
        if (earlier.isEmpty()) {
            acquire(c, Set.of());
        } else if (mappers.named(earlier.get().by()).isPresent()) {
            c.held = closing.adopt(earlier.get());
            renew(c);
        } else if (!adopting()) {
            acquire(c, Set.of()); // its protocol is gone: another one, beside the old lease
        }
    }

    private void closedOne() {
        step(false);
        settle();
    }

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
                                failed(c, Words.why(e));
                            }
                        });
    }

    /**
     * The same as inside; beside an older lease of another protocol another one, or else both might
     * be one row of the router, which ends with the older lease.
     */
    private int suggested(Claim c) {
        int inside = c.want.internal().getPort();
        Optional<Held> older = Optional.ofNullable(c.held).or(() -> closing.find(c.want));
        if (older.isEmpty() || older.get().pinhole()) {
            return inside;
        }
        int taken = older.get().lease().externalPort();
        return taken != inside ? inside : inside == 65535 ? inside - 1 : inside + 1;
    }

    private void granted(Claim c, Held now) {
        c.busy = false;
        Held old = c.held;
        c.held = now;
        c.failures = 0;
        c.unrenewed = 0;
        c.trouble = "";
        closing.superseded(now);
        save();
        if (!c.over && !closed) {
            schedule(c, Pace.renewal(c));
            watch(c);
            if (old == null || !now.samePlace(old)) {
                Words.log("opened " + Words.line(now));
                events.accept(shown.info(c));
            }
        }
        if (old != null && !old.by().equals(now.by()) && !now.samePort(old)) {
            closing.give(old, false); // only now: the new one is published
        }
        finish(c);
    }

    /**
     * Lets the mapper know the router of a lease that it did not make itself: another instance did,
     * or the node in an earlier run. Else nobody would hear that the router forgot.
     */
    private void watch(Claim c) {
        mappers.named(c.held.by()).ifPresent(m -> mappers.probe(m, c.want.route()));
    }

    /** After each call: what was decided while it ran. */
    private void finish(Claim c) {
        if (c.over || closed) {
            drop(c);
            step(false);
            settle();
        }
    }

    private void schedule(Claim c, Duration after) {
        c.armed = true;
        c.timer(world.after(after, () -> lane.execute(() -> due(c))));
    }

    private void due(Claim c) {
        c.armed = false;
        if (c.over || closed) {
            return;
        }
        if (c.busy) {
            c.again = true;
        } else if (c.held == null) {
            begin(c);
        } else {
            renew(c);
        }
    }

    private void renew(Claim c) {
        c.armed = false;
        Held h = c.held;
        Optional<ProviderHandle<PortMapper>> m = mappers.speaking(h.by());
        if (m.isEmpty()) {
            if (c.failures >= Pace.SLOWEST) {
                c.unrenewed++; // it may be back soon: counts only after a while
            }
            unrenewed(c, h.by() + " has left");
            return;
        }
        c.busy = true;
        mappers.renew(m.get(), h, c.want.request(h.lease().externalPort(), settings.lifetime()))
                .whenComplete(
                        (now, e) -> {
                            if (e == null) {
                                granted(c, now);
                            } else {
                                c.busy = false;
                                c.unrenewed++;
                                mappers.stale(h.by());
                                unrenewed(c, "renewal: " + Words.why(e));
                            }
                        });
    }

    /** Another protocol first, then the old lease is released; without one, what there is stays. */
    private void unrenewed(Claim c, String why) {
        c.trouble = why;
        if (c.unrenewed >= CHECKS && c.held.permanent()) {
            Held h = lose(c, why);
            closing.give(h, false); // should its router hold it nevertheless
            step(false);
            finish(c);
        } else if (movable(c) && !c.unwanted && !closed) {
            acquire(c, Set.of(c.held.by()));
        } else {
            failed(c, why);
        }
    }

    private boolean movable(Claim c) {
        return !mappers.usable(Set.of(c.held.by())).isEmpty() && !closing.running(c.want);
    }

    private void failed(Claim c, String why) {
        c.busy = false;
        boolean news = c.failures++ == 0;
        c.trouble = why;
        Held h = c.held;
        Instant now = world.clock().instant();
        if (h != null && h.ended(now)) {
            lose(c, why);
            save();
        } else {
            if (h == null && news) {
                Words.log("no port for " + c.want + ": " + why);
            }
            if (h == null || c.again || !c.armed) { // a failed move puts no renewal off
                schedule(c, Pace.again(c, now));
            }
        }
        finish(c);
    }

    /** It leads nowhere any more; soon another one is looked for. */
    private Held lose(Claim c, String why) {
        Held h = c.held;
        c.held = null;
        c.failures = 0;
        c.unrenewed = 0;
        Words.log("lost " + Words.line(h) + ": " + why);
        events.accept(shown.info(c));
        schedule(c, Pace.SOON);
        return h;
    }

    /** A router lost its mappings: they are made again at once, on the ports they had. */
    private void forgot(String protocol) {
        for (Claim c : List.copyOf(claims.values())) {
            if (c.busy || c.held != null && c.held.by().equals(protocol)) {
                refresh(c);
            }
        }
    }

    /** Renews now, or once more when the call that runs has ended. */
    private void refresh(Claim c) {
        if (c.busy) {
            c.again = true;
        } else if (c.held != null && !closed) {
            renew(c);
        }
    }

    /** Gives the claim up, and its lease back; while a call runs, after that. */
    private void drop(Claim c) {
        c.over = true;
        if (c.busy) {
            return;
        }
        c.stop();
        claims.remove(c.want);
        shown.remove(c);
        Held h = c.held;
        c.held = null;
        if (h != null && any(o -> o.held != null && o.held.samePort(h))) {
            save(); // a release would close another claim's port
        } else if (h != null) {
            closing.give(h, !any(o -> o.want.sameSocket(c.want)));
        }
    }

    /** What hangs on a provider alone: leases of its protocol that no other instance serves. */
    public List<String> holds(ProviderHandle<?> provider) {
        String name = provider.ref().name();
        boolean other = mappers.named(name).filter(h -> h != provider).isPresent();
        return other ? List.of() : shown.leases(name);
    }

    /** How it stands with the wanted ports. */
    public Shown shown() {
        return shown;
    }

    private void save() {
        ledger.save(closing.held(), claims.values());
    }

    /**
     * The node stops: closes all ports. What no router confirmed stays in the ledger.
     *
     * @return completes when routers answered, at most 2.5 seconds later
     */
    public CompletableFuture<Void> close() {
        lane.execute(
                () -> {
                    if (closed) {
                        return;
                    }
                    closed = true;
                    world.after(FAREWELL, () -> ended.complete(null));
                    List.copyOf(claims.values()).forEach(this::drop);
                    closing.stop();
                    List.copyOf(claims.values()).forEach(Claim::stop);
                    settle();
                });
        return ended;
    }

    private void settle() {
        if (closed && !closing.running() && !any(c -> c.busy)) {
            ended.complete(null);
        }
    }
}
