// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.util.random.RandomGenerator;

/** One direction between two stations. */
final class Link {
    private final SimWorld world;
    private final Station to;
    private final String name;
    private final RandomGenerator random;
    private LinkProfile profile;
    private boolean up = true;
    private boolean bad;
    private long freeAt;
    private long lastTcp;

    Link(SimWorld world, Station from, Station to, LinkProfile profile) {
        this.world = world;
        this.to = to;
        this.name = from.name() + ">" + to.name();
        this.random = world.random("link " + name);
        this.profile = profile;
    }

    void profile(LinkProfile p) {
        profile = p;
    }

    /** A link that is down swallows everything, silently. */
    void up(boolean on) {
        up = on;
    }

    void carry(Packet packet) {
        if (!up || random.nextDouble() < profile.loss() || burst()) {
            world.trace(name, "lost " + packet);
            return;
        }
        long now = world.nanoTime();
        long at = now;
        if (profile.rate() > 0) {
            long start = Math.max(now, freeAt);
            if ((start - now) * 1e-9 * profile.rate() > profile.queue()) {
                world.trace(name, "queue full " + packet);
                return;
            }
            freeAt = start + (long) (packet.body().size() * 1e9 / profile.rate());
            at = freeAt;
        }
        boolean twice = !packet.tcp() && random.nextDouble() < profile.duplicate();
        deliver(packet, at);
        if (twice) {
            deliver(packet, at);
        }
    }

    private boolean burst() {
        LinkProfile.Burst b = profile.burst();
        if (b.enter() <= 0) {
            return false;
        }
        bad = bad ? random.nextDouble() >= b.leave() : random.nextDouble() < b.enter();
        return bad && random.nextDouble() < b.loss();
    }

    private void deliver(Packet packet, long sent) {
        long delay = profile.delay().toNanos();
        long at = sent + delay;
        if (profile.jitter().toNanos() > 0) {
            at += random.nextLong(profile.jitter().toNanos() + 1);
        }
        if (packet.tcp()) {
            at = Math.max(at, lastTcp);
            lastTcp = at;
        } else if (random.nextDouble() < profile.reorder()) {
            at += random.nextLong(2 * delay + 5_000_000);
        }
        world.at(at, () -> to.receive(packet));
    }
}
