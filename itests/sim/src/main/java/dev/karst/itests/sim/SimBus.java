// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.signaling.SignalSink;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The service in the middle that signaling and directory of all hosts share. It can be slow, lose
 * and repeat signals, be out of reach of a host, and forget or show wrong records.
 */
public final class SimBus {
    /** Where everybody can be signaled. */
    public static final Endpoint ENDPOINT = Endpoint.parse("sim://bus");

    private record Inbox(SimHost host, SignalSink sink) {}

    private record Owner(SimHost host, byte[] published, Consumer<Optional<byte[]>> onForeign) {}

    private final SimWorld world;
    private final RandomGenerator random;
    private final Map<PeerId, List<Inbox>> inboxes = new LinkedHashMap<>();
    private final Map<PeerId, byte[]> records = new LinkedHashMap<>();
    private final Map<PeerId, Owner> owners = new LinkedHashMap<>();
    private final Set<SimHost> offline = new HashSet<>();
    private BusProfile profile = BusProfile.good();

    public SimBus(SimWorld world) {
        this.world = world;
        this.random = world.random("bus");
    }

    public void profile(BusProfile p) {
        profile = p;
    }

    /** Takes a host off the service or puts it back; its sinks are told. */
    public void online(SimHost host, boolean on) {
        world.trace("bus", host.name() + (on ? " online" : " offline"));
        if (on ? offline.remove(host) : offline.add(host)) {
            for (List<Inbox> all : List.copyOf(inboxes.values())) {
                for (Inbox i : List.copyOf(all)) {
                    if (i.host() == host) {
                        host.after(oneWay(), () -> tellReachable(i));
                    }
                }
            }
        }
    }

    private void tellReachable(Inbox i) {
        if (inboxes.values().stream().anyMatch(all -> all.contains(i))) {
            i.sink().reachableAt(offline.contains(i.host()) ? List.of() : List.of(ENDPOINT));
        }
    }

    private Duration oneWay() {
        long jitter = profile.jitter().toNanos();
        return profile.delay().plusNanos(jitter == 0 ? 0 : random.nextLong(jitter));
    }

    /** Asks the service something: an answer after two ways, unless the scope ends before. */
    <T> CompletableFuture<T> ask(SimHost host, Scope scope, Supplier<T> question) {
        CompletableFuture<T> f = new CompletableFuture<>();
        Subscription s = scope.onCancel(() -> f.completeExceptionally(new CancellationException()));
        f.whenComplete((r, e) -> s.close());
        if (offline.contains(host)) {
            host.after(
                    Duration.ZERO,
                    () -> f.completeExceptionally(new IOException("the bus is out of reach")));
            return f;
        }
        host.after(
                oneWay(),
                () -> {
                    T answer = question.get();
                    host.after(oneWay(), () -> f.complete(answer));
                });
        return f;
    }

    // ---- signals

    void post(SimHost from, PeerId to, byte[] sealed) {
        int copies = random.nextDouble() < profile.repeat() ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            if (random.nextDouble() < profile.loss()) {
                world.trace("bus", "lost signal " + from + " > " + to);
                continue;
            }
            byte[] copy = sealed.clone();
            world.after(oneWay(), () -> deliver(from, to, copy));
        }
    }

    private void deliver(SimHost from, PeerId to, byte[] sealed) {
        for (Inbox i : List.copyOf(inboxes.getOrDefault(to, List.of()))) {
            if (!offline.contains(i.host())) {
                world.trace("bus", "signal " + from + " > " + i.host() + " " + sealed.length);
                i.sink().signal(sealed.clone());
            }
        }
    }

    Subscription receive(SimHost host, PeerId self, SignalSink sink, Scope scope) {
        Inbox inbox = new Inbox(host, sink);
        inboxes.computeIfAbsent(self, k -> new ArrayList<>()).add(inbox);
        host.after(oneWay(), () -> tellReachable(inbox));
        Subscription end = () -> inboxes.getOrDefault(self, new ArrayList<>()).remove(inbox);
        Subscription onCancel = scope.onCancel(end::close);
        return () -> {
            onCancel.close();
            end.close();
        };
    }

    // ---- records

    Optional<byte[]> record(PeerId peer) {
        return Optional.ofNullable(records.get(peer)).map(byte[]::clone);
    }

    void publish(
            SimHost host,
            PeerId self,
            byte[] record,
            Consumer<Optional<byte[]>> onForeign,
            Scope scope) {
        Owner owner = new Owner(host, record.clone(), onForeign);
        owners.put(self, owner);
        records.put(self, record.clone());
        world.trace("bus", "record of " + self + " " + record.length);
        scope.onCancel(() -> owners.remove(self, owner));
    }

    /** Erases or overwrites a record behind its owner's back; the owner is told. */
    public void tamper(PeerId peer, Optional<byte[]> with) {
        world.trace("bus", "tampered " + peer);
        with.ifPresentOrElse(b -> records.put(peer, b.clone()), () -> records.remove(peer));
        Owner owner = owners.get(peer);
        if (owner != null) {
            owner.host()
                    .after(
                            oneWay(),
                            () -> {
                                if (owners.get(peer) == owner) {
                                    owner.onForeign().accept(with.map(byte[]::clone));
                                }
                            });
        }
    }
}
