// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Two agents, a net with delay and loss, and what NATs do, in virtual time. */
final class World {
    static final long MS = 1_000_000;

    /** Mapping: same port for all, or another for each; filtering: who may come in. */
    enum Nat {
        NONE(false, false, false),
        EIM_EIF(false, false, false),
        EIM_ADF(false, true, false),
        EIM_APDF(false, true, true),
        EDM_APDF(true, true, true);

        final boolean symmetric;
        final boolean address;
        final boolean port;

        Nat(boolean symmetric, boolean address, boolean port) {
            this.symmetric = symmetric;
            this.address = address;
            this.port = port;
        }
    }

    /** One side: an agent, one socket, a NAT before it. */
    static class Side implements IceSink {
        final World world;
        final InetSocketAddress own;
        final Nat nat;
        final InetSocketAddress external;
        final Map<InetSocketAddress, InetSocketAddress> mappings = new HashMap<>();
        final Set<Object> opened = new HashSet<>();
        final List<IcePath> nominated = new ArrayList<>();
        final List<IcePath> valid = new ArrayList<>();
        final List<String> counts = new ArrayList<>();
        final Map<InetSocketAddress, Integer> packets = new HashMap<>();
        long nominatedAt;
        boolean failed;
        boolean consentLost;
        final Set<InetSocketAddress> inUse = new HashSet<>();
        IceAgent agent;

        Side(World world, String own, String external, Nat nat) {
            this.world = world;
            this.own = address(own);
            this.external = address(external);
            this.nat = nat;
            world.sides.add(this);
        }

        @Override
        public boolean free(IcePath path) {
            return !inUse.contains(path.remote());
        }

        InetSocketAddress source(InetSocketAddress to) {
            if (nat == Nat.NONE) {
                return own;
            }
            opened.add(nat.port ? to : to.getAddress());
            if (!nat.symmetric) {
                return external;
            }
            return mappings.computeIfAbsent(
                    to,
                    t ->
                            new InetSocketAddress(
                                    external.getAddress(), 50_000 + 7 * mappings.size()));
        }

        boolean owns(InetSocketAddress to) {
            return nat == Nat.NONE
                    ? own.equals(to)
                    : nat.symmetric ? mappings.containsValue(to) : external.equals(to);
        }

        boolean lets(InetSocketAddress from, InetSocketAddress to) {
            if (nat.symmetric && !to.equals(mappings.get(from))) {
                return false;
            }
            return !nat.address || opened.contains(nat.port ? from : from.getAddress());
        }

        @Override
        public void send(int socket, InetSocketAddress to, byte[] stun) {
            packets.merge(to, 1, Integer::sum);
            InetSocketAddress from = source(to);
            if (world.random.nextDouble() < world.loss) {
                return;
            }
            byte[] copy = stun.clone();
            world.at(world.now + world.delay, () -> world.deliver(from, to, copy));
        }

        @Override
        public void valid(IcePath path) {
            valid.add(path);
        }

        @Override
        public void nominated(IcePath path) {
            if (nominated.isEmpty()) {
                nominatedAt = world.now;
            }
            nominated.add(path);
        }

        @Override
        public void failed() {
            failed = true;
        }

        @Override
        public void consentLost(IcePath path) {
            consentLost = true;
        }

        @Override
        public void count(String what) {
            counts.add(what);
        }
    }

    private record Event(long at, long order, Runnable what) {}

    final RandomGenerator random;
    final List<Side> sides = new ArrayList<>();
    private final PriorityQueue<Event> queue =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparing(Event::order));
    long now = 12_345;
    long delay = 10 * MS;
    double loss;
    boolean cut;
    private long order;

    World(long seed) {
        random = new SplittableRandom(seed); // Random repeats itself at some strides
    }

    void at(long time, Runnable what) {
        queue.add(new Event(time, order++, what));
    }

    private void deliver(InetSocketAddress from, InetSocketAddress to, byte[] bytes) {
        for (Side s : sides) {
            if (!cut && s.agent != null && s.owns(to) && s.lets(from, to)) {
                s.agent.receive(now, 0, from, ByteBuffer.wrap(bytes));
                return;
            }
        }
    }

    /** Runs until then; agents wake when they want to. */
    void run(long until) {
        while (true) {
            long next = queue.isEmpty() ? Long.MAX_VALUE : queue.peek().at();
            for (Side s : sides) {
                next = s.agent == null ? next : Math.min(next, s.agent.wakeAt());
            }
            if (next > until) {
                now = until;
                return;
            }
            now = Math.max(now, next);
            while (!queue.isEmpty() && queue.peek().at() <= now) {
                queue.poll().what().run();
            }
            for (Side s : sides) {
                if (s.agent != null && s.agent.wakeAt() <= now) {
                    s.agent.wake(now);
                }
            }
        }
    }

    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        try {
            return new InetSocketAddress(
                    InetAddress.getByName(text.substring(0, colon)),
                    Integer.parseInt(text.substring(colon + 1)));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
