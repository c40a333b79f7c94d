// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.nat;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.NatInfo;
import dev.karst.core.Counters;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.udp.Consent;
import dev.karst.core.udp.SharedSocket;
import dev.karst.core.world.Log;
import dev.karst.core.world.World;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.net.Network.Gateway;
import dev.karst.spi.net.Network.InterfaceAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Knows what stands in front of this node: lets a detector look when the node starts, when the
 * network changes and when somebody asks, and keeps the result. What it learnt outlives the
 * detector. All work is on one lane; readers take what was last.
 */
public final class NatWatch {
    private final World world;
    private final Consumer<NatInfo> events;
    private final Executor lane;
    private final World.NetworkView view;
    private final FamilyWatch ipv4;
    private final FamilyWatch ipv6;
    private volatile NatInfo info = new NatInfo("", List.of(), "not looked yet");
    private volatile boolean closed;
    private boolean watching;

    /**
     * @param port of the shared UDP sockets; 0 picks one
     * @param events told on the lane when more, or something else, is known
     * @param sockets run on the lane when {@link #sockets} changed
     */
    public NatWatch(
            World world,
            ProviderRegistry registry,
            Consent consent,
            Counters counters,
            int port,
            Consumer<NatInfo> events,
            Runnable sockets) {
        this.world = world;
        this.events = events;
        this.lane = world.lane("nat");
        this.view = world.openNetwork();
        FamilyWatch.Told told = new FamilyWatch.Told(this::publish, sockets);
        this.ipv4 = new FamilyWatch(world, registry, consent, counters, lane, view, port, told);
        this.ipv6 = new FamilyWatch(world, registry, consent, counters, lane, view, port, told);
    }

    /** A detector came, or one went: where nothing is known, and one is there, it looks. */
    public void detectorsChanged() {
        lane.execute(() -> look(false));
    }

    /** Looks again whatever is known. */
    public CompletableFuture<NatInfo> again() {
        CompletableFuture<NatInfo> done = new CompletableFuture<>();
        lane.execute(
                () -> {
                    if (closed) {
                        done.completeExceptionally(
                                new KarstException(Code.CLOSED, "the node stops"));
                        return;
                    }
                    look(true);
                    settle(done);
                });
        return done;
    }

    /** On the lane: once nothing is under way, not even what began meanwhile. */
    private void settle(CompletableFuture<NatInfo> done) {
        CompletableFuture<Void> both = CompletableFuture.allOf(ipv4.running(), ipv6.running());
        if (!both.isDone() && !closed) {
            both.whenComplete((v, e) -> lane.execute(() -> settle(done)));
        } else if (ipv4.upToDate() || ipv6.upToDate()) {
            done.complete(info);
        } else {
            done.completeExceptionally(new KarstException(Code.UNREACHABLE, info.trouble()));
        }
    }

    private void look(boolean again) {
        if (closed) {
            return;
        }
        if (!watching) {
            watching = true;
            view.network().onChange(() -> lane.execute(() -> look(false)));
        }
        ipv4.look(local(4), again);
        ipv6.look(local(16), again);
        publish();
    }

    /** The address that packets to the Internet leave with; without a route, any that we have. */
    private Optional<Gateway> local(int length) {
        for (Gateway g : view.network().gateways()) {
            if (g.local().getAddress().length == length) {
                return Optional.of(g);
            }
        }
        for (InterfaceAddress i : view.network().interfaces()) {
            InetAddress a = i.address();
            if (a.getAddress().length == length && (length == 4 || !a.isLoopbackAddress())) {
                return Optional.of(new Gateway(i.name(), a, Optional.empty()));
            }
        }
        return Optional.empty();
    }

    private void publish() {
        List<NatInfo.Family> families = new ArrayList<>();
        ipv4.known().ifPresent(n -> families.add(Words.family("ipv4", n)));
        ipv6.known().ifPresent(n -> families.add(Words.family("ipv6", n)));
        List<String> networks = new ArrayList<>();
        ipv4.network().ifPresent(networks::add);
        ipv6.network().ifPresent(networks::add);
        NatInfo now = new NatInfo(String.join(", ", networks), families, trouble());
        NatInfo before = info;
        if (!now.equals(before)) {
            info = now;
            if (!families.equals(before.families())) {
                for (NatInfo.Family f : families) {
                    log(f);
                }
                events.accept(now);
            }
        }
    }

    /** A family without a network is not worth a word, unless neither has one. */
    private String trouble() {
        List<String> out = new ArrayList<>();
        if (ipv4.network().isPresent() && !ipv4.trouble().isEmpty()) {
            out.add("ipv4: " + ipv4.trouble());
        }
        if (ipv6.network().isPresent() && !ipv6.trouble().isEmpty()) {
            out.add("ipv6: " + ipv6.trouble());
        }
        boolean none = ipv4.network().isEmpty() && ipv6.network().isEmpty();
        return none ? ipv4.trouble() : String.join("; ", out);
    }

    private static void log(NatInfo.Family f) {
        Log.of(NatWatch.class)
                .log(
                        System.Logger.Level.INFO,
                        "{0}: mapping {1}, filtering {2}, ports {3} ({4})",
                        f.name(),
                        f.udp().mapping(),
                        f.udp().filtering(),
                        f.udp().allocation(),
                        f.p2pdName());
    }

    /** From now on the network is watched, and the shared sockets are open. */
    public void start() {
        lane.execute(() -> look(false));
    }

    /** The shared sockets, IPv4 first. Any thread. */
    public List<SharedSocket> shared() {
        List<SharedSocket> out = new ArrayList<>();
        ipv4.socket().ifPresent(out::add);
        ipv6.socket().ifPresent(out::add);
        return out;
    }

    /** Where the shared UDP sockets are bound now. Any thread. */
    public List<InetSocketAddress> sockets() {
        List<InetSocketAddress> out = new ArrayList<>();
        ipv4.bound().ifPresent(out::add);
        ipv6.bound().ifPresent(out::add);
        return out;
    }

    /** For strategies and peers. Any thread. */
    public NatProfile profile() {
        Optional<NatBehavior> v4 = ipv4.known();
        Optional<NatBehavior> v6 = ipv6.known();
        return new NatProfile(v4, v6);
    }

    /** For people. Any thread. */
    public NatInfo info() {
        return info;
    }

    public void close() {
        closed = true;
        lane.execute(
                () -> {
                    ipv4.close();
                    ipv6.close();
                    view.close();
                });
    }
}
