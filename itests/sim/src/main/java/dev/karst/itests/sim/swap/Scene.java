// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.itests.sim.BusProfile;
import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimWorld;
import dev.karst.itests.sim.matrix.TurnHost;
import dev.karst.itests.sim.nat.NatCarrier;
import dev.karst.itests.sim.nat.NatHome;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatWorld;
import dev.karst.itests.sim.nattable.Manner;
import dev.karst.itests.sim.nattable.StunHost;
import dev.karst.itests.sim.session.Cast;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The world of a seed: two sites, servers, links, and what will happen there. */
final class Scene {
    private static final String RELAY = "198.51.100.99";

    private final Weather weather;
    private final NatWorld nats;
    private final SimWorld world;
    private final RandomGenerator random;
    private final SimBus bus;
    private final SimHost relay;
    private final LinkProfile link;
    private final Homes homeA;
    private final Homes homeB;
    private final Site a;
    private final Site b;
    private final Chronicle chronicle;
    private final Swaps swaps;
    private final Troubles troubles;
    private final Consumer<String> trouble;

    Scene(long seed, Consumer<String> trouble) {
        this.trouble = trouble;
        weather = Weather.of(seed);
        nats = new NatWorld(seed);
        world = nats.world();
        random = world.random("scene");
        boolean stormy = weather == Weather.STORM;
        int delay = random.nextInt(2, 80);
        link =
                LinkProfile.of(Duration.ofMillis(delay))
                        .withJitter(Duration.ofMillis(random.nextInt(1 + delay / 4)))
                        .withLoss(stormy && random.nextBoolean() ? 0.03 * random.nextDouble() : 0);
        world.defaultProfile(link);
        List<String> stun =
                List.of(
                        stun("stun0", "198.51.100.1", "198.51.100.2"),
                        stun("stun1", "198.51.100.11", "198.51.100.12"));
        relay = nats.server("relay", RELAY);
        String turn = new TurnHost(relay).url();
        bus = new SimBus(world);
        bus.profile(stormy && random.nextInt(3) == 0 ? BusProfile.bad() : BusProfile.good());
        int who = random.nextInt(100);
        homeA = Homes.any(random);
        homeB = Homes.any(random);
        a = site("a", homeA, who, stun, turn);
        b = site("b", homeB, who + 1 + random.nextInt(4), stun, turn);
        chronicle = new Chronicle(world);
        swaps = new Swaps(world, random, chronicle, trouble);
        troubles = new Troubles(world, random, chronicle, a, b, relay, bus, link);
    }

    private String stun(String name, String... addresses) {
        SimHost host = nats.server(name, addresses);
        return new StunHost(host, Manner.HONEST, new InetSocketAddress(addresses[0], 53)).name();
    }

    private Site site(String name, Homes kind, int who, List<String> stun, String turn) {
        NatHome.Plan plan = nats.plan(name).policy(kind.policy());
        Optional<NatCarrier> carrier = Optional.empty();
        if (kind.behindCarrier()) {
            carrier = Optional.of(nats.carrier(name + "-isp", NatPolicy.carrier()));
            plan.behind(carrier.get());
        }
        return new Site(
                plan.build(),
                carrier,
                Cast.person(who),
                Cast.crypto(random.nextInt(2)),
                kind.translates() && random.nextInt(3) == 0,
                bus,
                stun,
                turn,
                trouble);
    }

    /** Lets happen what the seed wants, within this time from now. */
    void storm(Duration time) {
        int strikes = random.nextInt(2, 9);
        for (int i = 0; i < strikes; i++) {
            chronicle.plan();
            world.after(Duration.ofNanos(random.nextLong(time.toNanos())), this::strike);
        }
    }

    private void strike() {
        if (weather == Weather.STORM && random.nextBoolean()) {
            troubles.strike();
            return;
        }
        List<Slot<?>> slots = (random.nextBoolean() ? a : b).slots();
        // Every other time one of the first three: what carries the bytes.
        Slot<?> slot = slots.get(random.nextInt(random.nextBoolean() ? 3 : slots.size()));
        if (weather == Weather.BESIDE) {
            swaps.beside(slot, true);
            return;
        }
        int way = random.nextInt(weather == Weather.IN_PLACE ? 2 : 5);
        switch (way) {
            case 0 -> swaps.inPlace(slot, random.nextInt(1_500));
            case 1 -> swaps.inPlace(slot, random.nextInt(2_000, 10_000));
            case 2 -> swaps.beside(slot, false);
            default -> {
                var manners = dev.karst.itests.sim.swap.Manner.values();
                var manner = manners[1 + random.nextInt(manners.length - 1)];
                swaps.misbehave(slot, manner, random.nextInt(500, 10_000));
            }
        }
    }

    /** Once there is no session: what the node itself holds, and no more. */
    void checkRest() {
        for (Site s : List.of(a, b)) {
            for (Slot<?> slot : s.slots()) {
                if (slot.versions() != 1) {
                    trouble.accept(slot + " is there " + slot.versions() + " times");
                }
            }
            int most = 4 + (s == a ? 0 : 0); // listener, UDP, and their IPv6
            if (s.host().openSockets() > most) {
                trouble.accept(s.host() + " has " + s.host().openSockets() + " sockets at rest");
            }
        }
    }

    /** After the nodes stopped: nothing. */
    void checkEnd() {
        for (Site s : List.of(a, b)) {
            if (s.host().openSockets() > 0) {
                trouble.accept(s.host() + " has " + s.host().openSockets() + " sockets in the end");
            }
        }
    }

    boolean lossless() {
        return weather == Weather.BESIDE;
    }

    Weather weather() {
        return weather;
    }

    SimWorld world() {
        return world;
    }

    Site a() {
        return a;
    }

    Site b() {
        return b;
    }

    Chronicle chronicle() {
        return chronicle;
    }

    @Override
    public String toString() {
        return weather
                + ": a behind "
                + homeA
                + ", b behind "
                + homeB
                + ", "
                + link.delay().toMillis()
                + " ms + "
                + link.jitter().toMillis()
                + " ms, loss "
                + link.loss();
    }
}
