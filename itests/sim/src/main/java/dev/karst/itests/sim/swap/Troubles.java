// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.itests.sim.Cut;
import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimWorld;
import dev.karst.itests.sim.Station;
import dev.karst.itests.sim.matrix.TurnHost;
import dev.karst.itests.sim.nat.NatCarrier;
import dev.karst.itests.sim.nat.NatHome;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** What networks, routers, relays and brokers do. */
final class Troubles {
    private final SimWorld world;
    private final RandomGenerator random;
    private final Chronicle chronicle;
    private final Site a;
    private final Site b;
    private final SimHost relay;
    private final SimBus bus;
    private final LinkProfile usual;
    private int bursts;
    private boolean relayDead;

    Troubles(
            SimWorld world,
            RandomGenerator random,
            Chronicle chronicle,
            Site a,
            Site b,
            SimHost relay,
            SimBus bus,
            LinkProfile usual) {
        this.world = world;
        this.random = random;
        this.chronicle = chronicle;
        this.a = a;
        this.b = b;
        this.relay = relay;
        this.bus = bus;
        this.usual = usual;
    }

    /** One of them, at either side. */
    void strike() {
        Site s = random.nextBoolean() ? a : b;
        switch (random.nextInt(10)) {
            case 0 -> reboot(s);
            case 1 -> renumber(s);
            case 2, 3 -> relayDies();
            case 4 -> burst();
            case 5 -> parted();
            case 6 -> deaf(s);
            case 7 -> unplugged(s);
            case 8 -> offline(s);
            default -> cut();
        }
    }

    private void reboot(Site s) {
        chronicle.begin(false, "router of " + s.host() + " reboots");
        s.home().reboot();
        s.carrier().filter(c -> random.nextBoolean()).ifPresent(NatCarrier::reboot);
        chronicle.end("rebooted");
    }

    private void renumber(Site s) {
        chronicle.begin(false, "network of " + s.host() + " is renumbered");
        s.carrier().ifPresentOrElse(NatCarrier::renumber, s.home()::renumber);
        chronicle.end("renumbered");
    }

    /** The machine dies, and comes back without memory. */
    private void relayDies() {
        if (relayDead) {
            chronicle.skip();
            return;
        }
        int millis = random.nextInt(100, 12_000);
        chronicle.begin(false, "the relay dies for " + millis + " ms");
        relayDead = true;
        relay.plugged(false);
        after(
                millis,
                () -> {
                    relay.crash();
                    relay.plugged(true);
                    new TurnHost(relay);
                    relayDead = false;
                    chronicle.end("the relay is back");
                });
    }

    private void burst() {
        int millis = random.nextInt(500, 6_000);
        double loss = 0.2 + 0.6 * random.nextDouble();
        chronicle.begin(
                false, "bursts of loss for " + millis + " ms, " + Math.round(100 * loss) + " %");
        bursts++;
        links(usual.withBurst(0.05, 0.1, loss));
        after(
                millis,
                () -> {
                    if (--bursts == 0) {
                        links(usual);
                    }
                    chronicle.end("bursts are over");
                });
    }

    /** Of the links between both sites and to the relay. */
    private void links(LinkProfile p) {
        Station[] all = {outside(a), outside(b), relay};
        for (int i = 0; i < all.length; i++) {
            world.internet().link(all[i], all[(i + 1) % all.length], p);
        }
    }

    /** What the Internet sees of a site. */
    private static Station outside(Site s) {
        return s.carrier().map(c -> c.nat().wan()).orElse(s.home().nat().wan());
    }

    /** Only between the two sites: the relay still reaches both. */
    private void parted() {
        int millis = random.nextInt(50, 15_000);
        chronicle.begin(false, "the sites are parted for " + millis + " ms");
        world.internet().up(outside(a), outside(b), false);
        after(
                millis,
                () -> {
                    world.internet().up(outside(a), outside(b), true);
                    chronicle.end("parted no more");
                });
    }

    /** Cut off from everything but signals, and not told. */
    private void deaf(Site s) {
        int millis = random.nextInt(50, 15_000);
        chronicle.begin(false, s.host() + " is cut off for " + millis + " ms");
        NatHome home = s.home();
        home.lan().up(home.host(), home.nat().lan(), false);
        after(
                millis,
                () -> {
                    home.lan().up(home.host(), home.nat().lan(), true);
                    chronicle.end(s.host() + " is not cut off any more");
                });
    }

    private void unplugged(Site s) {
        int millis = random.nextInt(50, 10_000);
        chronicle.begin(false, s.host() + " is unplugged for " + millis + " ms");
        s.host().plugged(false);
        bus.online(s.host(), false);
        after(
                millis,
                () -> {
                    s.host().plugged(true);
                    bus.online(s.host(), true);
                    chronicle.end(s.host() + " is plugged again");
                });
    }

    private void offline(Site s) {
        int millis = random.nextInt(50, 15_000);
        chronicle.begin(false, s.host() + " has no signaling for " + millis + " ms");
        bus.online(s.host(), false);
        after(
                millis,
                () -> {
                    bus.online(s.host(), true);
                    chronicle.end(s.host() + " has signaling again");
                });
    }

    private void cut() {
        Cut how = Cut.values()[random.nextInt(Cut.values().length)];
        chronicle.begin(false, "TCP is cut, " + how);
        world.cutTcp(f -> random.nextBoolean(), how);
        chronicle.end("cut");
    }

    private void after(int millis, Runnable task) {
        world.after(Duration.ofMillis(millis), task);
    }
}
