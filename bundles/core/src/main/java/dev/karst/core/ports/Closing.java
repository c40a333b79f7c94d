// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.Subscription;
import dev.karst.core.registry.Detached;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.world.World;
import dev.karst.spi.portmap.PortMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * Leases that are held no more and may still stand on a router: of an earlier run, and those on
 * their way back. Each stays in the ledger until its router confirmed the release, or until it has
 * ended by itself; what fails, or has no mapper now, is tried again later. On the keeper's lane.
 */
final class Closing {
    private static final Duration[] RETRY = {
        Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(10), Duration.ofHours(1)
    };

    /** How long the release of a lease that never ends is tried. */
    private static final Duration PATIENCE = Duration.ofDays(7);

    private static final int MOST = 64;

    private static final class Entry {
        Held held;
        final boolean adoptable;
        boolean running;
        int failures;
        Subscription timer = () -> {};

        Entry(Held held, boolean adoptable) {
            this.held = held;
            this.adoptable = adoptable;
        }
    }

    private final World world;
    private final Mappers mappers;
    private final Executor lane;
    private final Predicate<Held> inUse;
    private final Predicate<Held> awaited;
    private final Runnable save;
    private final Runnable ended;
    private final List<Entry> entries = new ArrayList<>();
    private boolean stopping;

    /**
     * @param inUse whether a call about that internal endpoint runs: a release now could hit what
     *     it makes
     * @param awaited whether a claim would rather take that lease back
     * @param ended told when a release has ended, either way
     */
    Closing(
            World world,
            Mappers mappers,
            Executor lane,
            Predicate<Held> inUse,
            Predicate<Held> awaited,
            Runnable save,
            Runnable ended) {
        this.world = world;
        this.mappers = mappers;
        this.lane = lane;
        this.inUse = inUse;
        this.awaited = awaited;
        this.save = save;
        this.ended = ended;
    }

    /** What an earlier run left; {@link #sweep} closes it. */
    void load(List<Held> earlier) {
        Instant now = world.clock().instant();
        earlier.stream().filter(h -> !h.ended(now)).forEach(h -> add(h, true));
    }

    /** For the ledger. */
    List<Held> held() {
        return entries.stream().map(e -> e.held).toList();
    }

    /** Whether a release runs for that port. */
    boolean running(Want want) {
        return entries.stream().anyMatch(e -> e.running && want.fits(e.held.lease()));
    }

    boolean running() {
        return entries.stream().anyMatch(e -> e.running);
    }

    /** A lease that a claim could take over; it stays here until {@link #adopt}. */
    Optional<Held> find(Want want) {
        return entries.stream()
                .filter(e -> e.adoptable && !e.running && want.fits(e.held.lease()))
                .map(e -> e.held)
                .findFirst();
    }

    /** The claim that now holds it saves the ledger. */
    Held adopt(Held h) {
        remove(e -> e.held == h);
        return h.permanent() ? new Held(h.by(), h.gateway(), h.lease(), Instant.MAX) : h;
    }

    /** That lease was granted: releasing an older one of the same port would close it. */
    void superseded(Held by) {
        remove(e -> !e.running && e.held.samePort(by));
    }

    /**
     * The one way out for a lease: into the ledger first, then back to its router.
     *
     * @param adoptable false = it did not work any more, so no claim is to take it over
     */
    void give(Held h, boolean adoptable) {
        Entry e = add(h, adoptable);
        save.run();
        attempt(e);
    }

    /**
     * Closes what waits here.
     *
     * @param again also what failed before
     */
    void sweep(boolean again) {
        for (Entry e : List.copyOf(entries)) {
            if (again || e.failures == 0) {
                attempt(e);
            }
        }
    }

    /** The node ends: all are tried once more; what fails is left to the next run. */
    void stop() {
        stopping = true;
        entries.forEach(e -> e.timer.close());
        sweep(true);
    }

    private Entry add(Held h, boolean adoptable) {
        Entry e = new Entry(h, adoptable);
        entries.add(e);
        if (entries.size() > MOST) {
            Entry oldest = entries.get(0);
            forget(oldest, "too many wait to be closed");
        }
        return e;
    }

    private void remove(Predicate<Entry> which) {
        entries.stream().filter(which).forEach(e -> e.timer.close());
        entries.removeIf(which);
    }

    private void forget(Entry e, String why) {
        remove(x -> x == e);
        Words.log("left open " + Words.line(e.held) + ": " + why);
    }

    private void attempt(Entry e) {
        if (e.running || !entries.contains(e)) {
            return;
        }
        Instant now = world.clock().instant();
        if (e.held.ended(now)) {
            forget(e, "it has ended by itself");
            save.run();
            return;
        }
        if (!stopping && (inUse.test(e.held) || e.adoptable && awaited.test(e.held))) {
            retry(e, RETRY[0]);
            return;
        }
        if (e.held.until().isAfter(now.plus(Mappers.LONGEST))) {
            Held h = e.held;
            e.held = new Held(h.by(), h.gateway(), h.lease(), now.plus(PATIENCE));
            save.run();
        }
        Optional<ProviderHandle<PortMapper>> m = mappers.speaking(e.held.by());
        if (m.isEmpty()) {
            failed(e, "no mapper speaks " + e.held.by());
            return;
        }
        e.running = true;
        mappers.release(m.get(), e.held.lease())
                .whenComplete(
                        (v, error) -> {
                            e.running = false;
                            if (error == null) {
                                remove(x -> x == e);
                                Words.log("closed " + Words.line(e.held));
                                save.run();
                            } else {
                                failed(e, Detached.text(error));
                            }
                            ended.run();
                        });
    }

    private void failed(Entry e, String why) {
        if (e.failures++ == 0) {
            Words.log("cannot close " + Words.line(e.held) + " yet: " + why);
        }
        retry(e, RETRY[Math.min(e.failures, RETRY.length) - 1]);
    }

    private void retry(Entry e, Duration after) {
        e.timer.close();
        if (!stopping) {
            e.timer = world.after(after, () -> lane.execute(() -> attempt(e)));
        }
    }
}
