// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.NatInfo;
import dev.karst.NodeEvent.ProviderChanged;
import dev.karst.NodeEvent.ProviderChanged.Change;
import dev.karst.Peer;
import dev.karst.PeerAddress;
import dev.karst.PeerState;
import dev.karst.PortInfo;
import dev.karst.Subscription;
import dev.karst.admin.Admin;
import dev.karst.admin.ProviderInfo;
import dev.karst.admin.ProviderRef;
import dev.karst.core.connect.AddressBook;
import dev.karst.core.connect.Connector;
import dev.karst.core.nat.NatWatch;
import dev.karst.core.ports.PortKeeper;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.registry.Trial;
import dev.karst.core.session.Session;
import dev.karst.core.session.SessionTable;
import dev.karst.core.udp.RelayHub;
import dev.karst.core.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The operator's side: what is installed, and moving work off a provider. */
public final class CoreAdmin implements Admin {
    private static final Duration POLL = Duration.ofMillis(50);
    private final World world;
    private final ProviderRegistry registry;
    private final SessionTable sessions;
    private final Connector connector;
    private final Listeners listeners;
    private final AddressBook book;
    private final Counters counters;
    private final Supplier<CoreConfig> config;
    private final EventBus events;
    private final NatWatch nat;
    private final PortKeeper ports;
    private final RelayHub relays;
    private volatile Consumer<ProviderHandle<?>> drained = h -> {};
    private volatile Consumer<ProviderHandle<?>> undrained = h -> {};
    private volatile Runnable netChanged = () -> {};
    private volatile java.util.function.Function<ProviderHandle<?>, List<String>> netHolds =
            h -> List.of();

    CoreAdmin(
            World world,
            ProviderRegistry registry,
            SessionTable sessions,
            Connector connector,
            Listeners listeners,
            AddressBook book,
            Counters counters,
            Supplier<CoreConfig> config,
            EventBus events,
            Surroundings surroundings) {
        this.world = world;
        this.registry = registry;
        this.sessions = sessions;
        this.connector = connector;
        this.listeners = listeners;
        this.book = book;
        this.counters = counters;
        this.config = config;
        this.events = events;
        this.nat = surroundings.nat();
        this.ports = surroundings.ports();
        this.relays = surroundings.relays();
    }

    /** What must be told to others when a provider is taken out of use and back. */
    void moved(Consumer<ProviderHandle<?>> out, Consumer<ProviderHandle<?>> back) {
        drained = out;
        undrained = back;
    }

    /**
     * Where there are real sockets: how to move them to the best driver, and what a driver holds.
     */
    public void net(
            Runnable changed, java.util.function.Function<ProviderHandle<?>, List<String>> holds) {
        netChanged = changed;
        netHolds = holds;
    }

    @Override
    public List<ProviderInfo> providers() {
        List<ProviderInfo> out = new ArrayList<>();
        for (ProviderHandle<?> h : registry.all()) {
            List<String> holds = holds(h);
            String state = h.state().name().toLowerCase(Locale.ROOT);
            if (h.state() == ProviderHandle.State.DRAINING && holds.isEmpty()) {
                state = "drained";
            }
            if (h.state() == ProviderHandle.State.ACTIVE && h.trial() != null) {
                state = String.format(Locale.ROOT, "on trial: %.0f %%", h.trial().share() * 100);
            }
            out.add(
                    new ProviderInfo(
                            h.ref(),
                            h.bundle(),
                            h.ranking(),
                            state,
                            h.score().with(sessions.roundTrip(h)),
                            holds,
                            h.errors()));
        }
        return out;
    }

    private List<String> holds(ProviderHandle<?> h) {
        return switch (h.ref().kind()) {
            case "net" -> netHolds.apply(h);
            case "portmap" -> ports.holds(h);
            case "relay" -> relays.holds(h);
            default -> sessions.holds(h);
        };
    }

    @Override
    public CompletionStage<DrainResult> drain(ProviderRef ref, Duration limit) {
        ProviderHandle<?> h = registry.draining(ref, true);
        if (h == null) {
            return CompletableFuture.failedStage(
                    new IllegalArgumentException("no provider " + ref + ": see karst:providers"));
        }
        outOfUse(h);
        CompletableFuture<DrainResult> result = new CompletableFuture<>();
        poll(h, world.nanoTime() + limit.toNanos(), 0, result);
        return result;
    }

    /** New work goes to others from now on; what can be moved is moved later. */
    private void outOfUse(ProviderHandle<?> h) {
        switch (h.ref().kind()) {
            case "net" -> netChanged.run();
            case "transport" -> listeners.update();
            case "signaling", "directory", "traversal", "nat" -> {
                h.cancelWork();
                drained.accept(h);
            }
            default -> {}
        }
    }

    private void inUse(ProviderHandle<?> h) {
        netChanged.run();
        listeners.update();
        undrained.accept(h);
    }

    /** The core itself took a provider out of use, or back. */
    void changed(ProviderHandle<?> h) {
        if (h.usable()) {
            inUse(h);
        } else {
            outOfUse(h);
        }
    }

    private void poll(
            ProviderHandle<?> h, long until, int round, CompletableFuture<DrainResult> result) {
        List<String> left = holds(h);
        ProviderRef ref = h.ref();
        if (left.isEmpty()) {
            events.publish(
                    new ProviderChanged(
                            ref.kind(), ref.name(), ref.generation(), Change.DRAINED, ""));
            result.complete(new DrainResult(true, left));
        } else if (world.nanoTime() - until > 0 || h.isGone()) {
            result.complete(new DrainResult(false, left));
        } else {
            if (round % 20 == 0) {
                move(h);
            }
            world.after(POLL, () -> poll(h, until, round + 1, result));
        }
    }

    /** Nudges what hangs on the provider towards others; repeated, since a try may fail. */
    private void move(ProviderHandle<?> h) {
        switch (h.ref().kind()) {
            case "crypto" -> sessions.rekeyOff(h);
            case "portmap" -> ports.drained(h);
            case "transport", "relay" -> {
                for (Session s : sessions.stayingWith(h)) {
                    connector.dial(s.id(), book.find(s.id()));
                }
            }
            default -> {}
        }
    }

    @Override
    public void undrain(ProviderRef ref) {
        ProviderHandle<?> h = registry.draining(ref, false);
        if (h != null) {
            inUse(h);
        }
    }

    @Override
    public Subscription tryOut(String bundle, double share) {
        return registry.tryOut(new Trial(bundle, share));
    }

    @Override
    public int exercise() {
        int peers = 0;
        for (Peer p : sessions.all()) {
            List<ProviderHandle<?>> serving =
                    registry.onTrial().stream().filter(h -> h.trial().serves(p.id())).toList();
            if (serving.isEmpty() || p.state() != PeerState.CONNECTED) {
                continue;
            }
            peers++;
            for (ProviderHandle<?> h : serving) {
                if (h.ref().kind().equals("crypto")) {
                    sessions.rekey(p.id());
                } else {
                    connector.dial(p.id(), book.find(p.id()));
                }
            }
        }
        return peers;
    }

    @Override
    public NatInfo nat() {
        return nat.info();
    }

    @Override
    public CompletionStage<NatInfo> detectNat() {
        return nat.again();
    }

    @Override
    public List<PortInfo> ports() {
        return ports.shown().info();
    }

    @Override
    public Map<String, Long> counters() {
        return counters.snapshot();
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> out = new TreeMap<>();
        out.put("listen", config.get().listen().toString());
        out.put("allow", config.get().allow().toString());
        out.put("limits", config.get().limits().toString());
        return out;
    }

    @Override
    public Subscription introduce(PeerAddress address) {
        if (!book.learnIfGenuine(address)) {
            throw new IllegalArgumentException(
                    "the address is forged: its keys are not its peer's");
        }
        return () -> {};
    }
}
