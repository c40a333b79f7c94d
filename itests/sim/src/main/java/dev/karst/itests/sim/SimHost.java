// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.Subscription;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * A machine in the {@link SimWorld}: addresses, ports, a wall clock that may be wrong, and lanes
 * that tasks run in.
 */
public final class SimHost implements Station {
    private static final long LOOPBACK_DELAY = 20_000;
    private static final long MOST_LANE_DELAY = 50_000;
    private static final Duration TOLD_AFTER = Duration.ofMillis(300);

    private final SimWorld world;
    private final String name;
    private final RandomGenerator random;
    private final RandomGenerator scheduling;
    private final SecureRandom secureRandom;
    private final Map<String, Long> counters = new TreeMap<>();
    private final SocketTable sockets;
    private final List<Runnable> watchers = new ArrayList<>();
    private Realm realm;
    private List<InetAddress> addresses;
    private Duration skew = Duration.ZERO;
    private boolean plugged = true;
    private int life;
    private ByteBuffer buffer;

    SimHost(SimWorld world, String name, Realm realm, List<InetAddress> addresses) {
        this.world = world;
        this.name = name;
        this.realm = realm;
        this.addresses = addresses;
        this.random = world.random("host " + name);
        this.scheduling = world.random("lanes " + name);
        this.secureRandom = new SeededSecureRandom(world.random("secure " + name));
        this.sockets = new SocketTable(this, 49152 + world.random("ports " + name).nextInt(10_000));
    }

    @Override
    public String name() {
        return name;
    }

    public SimWorld world() {
        return world;
    }

    public List<InetAddress> addresses() {
        return addresses;
    }

    /** Where its cable ends. */
    public Realm realm() {
        return realm;
    }

    /** Its first address, with that port. */
    public InetSocketAddress at(int port) {
        return new InetSocketAddress(addresses.get(0), port);
    }

    // ---- what a scope is made of

    public RandomGenerator random() {
        return random;
    }

    public SecureRandom secureRandom() {
        return secureRandom;
    }

    /** The wall clock of this host. */
    public Clock clock() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this; // people read the trace in UTC
            }

            @Override
            public Instant instant() {
                return world.instant().plus(skew);
            }
        };
    }

    /** Puts the wall clock wrong by this much. */
    public void skew(Duration wrong) {
        skew = wrong;
    }

    /** Runs a task once after that time, unless the host crashes before. */
    public Subscription after(Duration delay, Runnable task) {
        int born = life;
        return world.after(delay, () -> ifAlive(born, task));
    }

    /**
     * A new executor: one task at a time, in order, a little later. How much later is up to the
     * seed, so that tasks of different lanes meet in every order.
     */
    public Executor lane() {
        int born = life;
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        Runnable next =
                () -> {
                    Runnable task = tasks.poll();
                    ifAlive(born, task);
                };
        long[] last = {0};
        return task -> {
            long at = world.nanoTime() + scheduling.nextLong(MOST_LANE_DELAY);
            last[0] = Math.max(last[0], at);
            tasks.add(task);
            world.at(last[0], next);
        };
    }

    private void ifAlive(int born, Runnable task) {
        if (born == life) {
            task.run();
        }
    }

    /** A view of the network without owner. */
    public SimNetwork network() {
        return new SimNetwork(this);
    }

    /** A scope without deadline. */
    public SimScope scope() {
        return new SimScope(this, Instant.MAX);
    }

    /** A scope that is cancelled when that time is over. */
    public SimScope scope(Duration limit) {
        SimScope s = new SimScope(this, clock().instant().plus(limit));
        after(limit, s::cancel);
        return s;
    }

    public void count(String counter) {
        counters.merge(counter, 1L, Long::sum);
    }

    /** What was counted, by name. */
    public Map<String, Long> counters() {
        return counters;
    }

    /** UDP sockets, listeners and connections that its programs hold. */
    public int openSockets() {
        return sockets.open();
    }

    // ---- faults

    /**
     * Pulls or plugs the cable: nothing comes in or goes out; a moment later whoever watches the
     * network hears of it.
     */
    public void plugged(boolean on) {
        plugged = on;
        world.trace(name, on ? "plugged" : "unplugged");
        changed();
    }

    boolean plugged() {
        return plugged;
    }

    /** Leaves its realm and appears in that one; sockets bound to what it was before are deaf. */
    public void move(Realm to, InetAddress... newAddresses) {
        addresses.forEach(a -> realm.detach(a, this));
        realm = to;
        addresses = List.of(newAddresses);
        addresses.forEach(a -> realm.attach(a, this));
        world.trace(name, "is now in " + realm.name() + " as " + addresses);
        changed();
    }

    private void changed() {
        after(TOLD_AFTER, () -> List.copyOf(watchers).forEach(Runnable::run));
    }

    /** Has that run after each change of addresses or routes. */
    Subscription watch(Runnable watcher) {
        Runnable own = watcher::run; // the same may watch twice
        watchers.add(own);
        return () -> watchers.remove(own);
    }

    /** The machine dies and comes back: no socket, timer or task of before is left, or told. */
    public void crash() {
        world.trace(name, "crash");
        life++;
        sockets.clear();
        watchers.clear();
    }

    // ---- packets

    @Override
    public void receive(Packet p) {
        if (!plugged) {
            world.trace(name, "unplugged, not received " + p);
        } else if (!own(p.to().getAddress()) && !p.to().getAddress().isMulticastAddress()) {
            world.trace(name, "not for this host " + p);
        } else {
            sockets.receive(p);
        }
    }

    void send(Packet p) {
        if (!plugged) {
            world.trace(name, "unplugged, not sent " + p);
        } else if (!own(p.from().getAddress())) {
            world.trace(name, "no such address any more, not sent " + p);
        } else if (!own(p.to().getAddress())) {
            realm.send(this, p);
        } else if (!world.swallows(p.flow())) {
            world.trace(name, p.toString());
            world.at(world.nanoTime() + LOOPBACK_DELAY, () -> receive(p));
        }
    }

    /** Where received bytes are shown to handlers; what they keep of it is soon overwritten. */
    ByteBuffer buffer() {
        if (buffer == null) { // many hosts never hear a word
            buffer = ByteBuffer.allocateDirect(256 << 10);
        }
        return buffer.clear();
    }

    // ---- addresses and ports

    private boolean own(InetAddress a) {
        return a.isLoopbackAddress() || addresses.contains(a);
    }

    void checkBindable(InetAddress a) throws BindException {
        if (!a.isAnyLocalAddress() && !own(a)) {
            throw new BindException("Cannot assign requested address: " + a.getHostAddress());
        }
    }

    /** This host's address that a packet to {@code remote} leaves from. */
    InetAddress sourceFor(InetAddress remote) throws IOException {
        if (own(remote)) {
            return remote;
        }
        boolean four = remote instanceof Inet4Address;
        for (InetAddress a : addresses) {
            if (a instanceof Inet4Address == four) {
                return a;
            }
        }
        throw new NoRouteToHostException("Network is unreachable: " + remote.getHostAddress());
    }

    SocketTable sockets() {
        return sockets;
    }

    @Override
    public String toString() {
        return name;
    }
}
