// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.nat;

import dev.karst.Subscription;
import dev.karst.core.Counters;
import dev.karst.core.registry.Detached;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.udp.Consent;
import dev.karst.core.udp.SharedSocket;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.World;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.net.Network.Gateway;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * One address family: its shared socket and what was learnt on it. On the lane, but for the
 * volatile parts.
 */
final class FamilyWatch {
    /** Run on the lane when something was learnt, and when the socket is another. */
    record Told(Runnable learnt, Runnable socket) {}

    private static final Duration LIMIT = Duration.ofSeconds(15);

    /** Servers may be away for a while: the pauses between tries, the last one for ever. */
    private static final Duration[] RETRY = {
        Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofMinutes(1), Duration.ofMinutes(5)
    };

    private static final int NETWORKS = 8;

    private final World world;
    private final ProviderRegistry registry;
    private final Consent consent;
    private final Counters counters;
    private final Executor lane;
    private final World.NetworkView view;
    private final int port;
    private final Told told;

    /** What was learnt in networks seen before: true until it is looked at anew. */
    private final Map<Gateway, NatBehavior> seen =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Gateway, NatBehavior> eldest) {
                    return size() > NETWORKS;
                }
            };

    private volatile Optional<Gateway> at = Optional.empty();
    private volatile SharedSocket socket;
    private CoreScope scope;
    private Subscription retry = () -> {};
    private Optional<Gateway> opening; // null = no socket is being bound
    private int failures;
    private volatile boolean learnt; // on this network
    private volatile CompletableFuture<Void> running = CompletableFuture.completedFuture(null);
    private volatile NatBehavior known;
    private volatile String trouble = "";

    FamilyWatch(
            World world,
            ProviderRegistry registry,
            Consent consent,
            Counters counters,
            Executor lane,
            World.NetworkView view,
            int port,
            Told told) {
        this.world = world;
        this.registry = registry;
        this.consent = consent;
        this.counters = counters;
        this.lane = lane;
        this.view = view;
        this.port = port;
        this.told = told;
    }

    Optional<NatBehavior> known() {
        return Optional.ofNullable(known);
    }

    String trouble() {
        return trouble;
    }

    /** Whether the last look at the present network had a result. */
    boolean upToDate() {
        return learnt && trouble.isEmpty();
    }

    Optional<String> network() {
        return at.map(
                g ->
                        g.name()
                                + g.router().map(r -> " via " + r.getHostAddress()).orElse("")
                                + " from "
                                + g.local().getHostAddress());
    }

    Optional<SharedSocket> socket() {
        return Optional.ofNullable(socket);
    }

    Optional<InetSocketAddress> bound() {
        SharedSocket s = socket;
        return s == null ? Optional.empty() : Optional.of(s.local());
    }

    /** Completes when no detection is under way. */
    CompletableFuture<Void> running() {
        return running;
    }

    void look(Optional<Gateway> now, boolean again) {
        if (!now.equals(at)) {
            if (now.isPresent() && at.isPresent() && now.get().local().equals(at.get().local())) {
                stop(); // another router, perhaps: who talks over the socket goes on
                failures = 0;
                learnt = false;
            } else {
                leave();
            }
            at = now;
            known = now.map(seen::get).orElse(null);
        }
        List<ProviderHandle<NatDetector>> detectors = registry.usable(NatDetector.class);
        if (at.isEmpty()) {
            trouble = "no route to the Internet";
        } else if (socket == null) {
            open(again);
        } else if (detectors.isEmpty()) {
            trouble = "no NAT detector: install karst-nat-stun";
            told.learnt().run();
            running.complete(null);
        } else if ((again || !learnt) && running.isDone()) { // else the one under way will tell
            detect(detectors.get(0));
        }
    }

    /** Payload needs the socket, with or without a detector. */
    private void open(boolean again) {
        Optional<Gateway> here = at;
        if (again) {
            running = new CompletableFuture<>();
        }
        if (opening == here) {
            return;
        }
        opening = here;
        bind(port)
                .whenComplete(
                        (s, e) ->
                                lane.execute(
                                        () -> {
                                            if (opening != here) {
                                                closeLate(s);
                                                return;
                                            }
                                            opening = null;
                                            if (e != null) {
                                                failed("no UDP socket: " + e.getMessage());
                                            } else {
                                                socket = new SharedSocket(s, consent, counters);
                                                told.socket().run();
                                                look(at, again || !running.isDone());
                                            }
                                        }));
    }

    /** The network is another one: what was learnt stays in {@link #seen}. */
    private void leave() {
        stop();
        failures = 0;
        learnt = false;
        opening = null;
        if (socket != null) {
            socket.close();
            socket = null;
            told.socket().run();
        }
    }

    private void stop() {
        retry.close();
        if (scope != null) {
            scope.cancel();
            scope = null;
        }
        running.complete(null);
    }

    /** The wanted port, or any if that one is taken. */
    private CompletableFuture<UdpSocket> bind(int wanted) {
        InetSocketAddress where = new InetSocketAddress(at.get().local(), wanted);
        return view.network()
                .bindUdp(where)
                .toCompletableFuture()
                .handle(
                        (s, e) ->
                                e == null || wanted == 0
                                        ? e == null
                                                ? CompletableFuture.completedFuture(s)
                                                : CompletableFuture.<UdpSocket>failedFuture(e)
                                        : bind(0))
                .thenCompose(f -> f);
    }

    private static void closeLate(UdpSocket s) {
        if (s != null) {
            s.close();
        }
    }

    private void detect(ProviderHandle<NatDetector> by) {
        stop();
        CompletableFuture<Void> mine = new CompletableFuture<>();
        running = mine;
        CoreScope s = by.scope(null);
        UdpSocket stun = socket.stun();
        s.onCancel(stun::close);
        scope = s;
        by.<NatBehavior>call(
                        "detect", s, LIMIT, (d, sc) -> d.detect(stun, more -> later(s, more), sc))
                .whenComplete(
                        (nat, e) ->
                                lane.execute(
                                        () -> {
                                            if (running != mine || mine.isDone()) {
                                                return; // overtaken
                                            }
                                            if (e != null) {
                                                failed(Detached.of(e).getMessage());
                                            } else {
                                                learn(nat);
                                                mine.complete(null);
                                            }
                                        }));
    }

    /** What a detector learnt after the fact. */
    private void later(CoreScope from, NatBehavior more) {
        lane.execute(
                () -> {
                    if (scope == from && !from.cancelled() && more != null) {
                        learn(more);
                    }
                });
    }

    private void learn(NatBehavior nat) {
        if (nat == null) {
            return;
        }
        learnt = true;
        failures = 0;
        trouble = "";
        known = nat;
        at.ifPresent(g -> seen.put(g, nat));
        told.learnt().run();
    }

    private void failed(String why) {
        trouble = why;
        learnt = false; // what is known stays, but is looked at again
        Duration pause = RETRY[Math.min(failures++, RETRY.length - 1)];
        retry = world.after(pause, () -> lane.execute(() -> look(at, false)));
        told.learnt().run();
        running.complete(null);
    }

    void close() {
        leave();
        at = Optional.empty();
    }
}
