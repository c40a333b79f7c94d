// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.Subscription;
import dev.karst.spi.net.TlsOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The world in one process: a seed, virtual time and hosts. One thread only: the one that made it,
 * inside {@link #run} and its kin. Anything that calls from another thread took that thread from
 * nowhere, and is told so.
 */
public final class SimWorld {
    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
    private static final int SHOWN = Integer.getInteger("karst.sim.trace", 60);
    private static final long MOST_EVENTS_AT_ONCE = 1_000_000;

    private final long seed;
    private final Thread thread = Thread.currentThread();
    private final EventQueue queue = new EventQueue();
    private final Trace trace = new Trace();
    private final Realm internet = new Realm(this, "internet");
    private final Map<String, SimHost> hosts = new LinkedHashMap<>();
    private final Map<String, List<InetAddress>> names = new LinkedHashMap<>();
    private final Map<Long, TcpConnection[]> flows = new LinkedHashMap<>();
    private final Map<InetSocketAddress, Certificate> certificates = new HashMap<>();
    private final Set<Long> swallowed = new HashSet<>();
    private LinkProfile defaultProfile = LinkProfile.of(Duration.ofMillis(10));
    private boolean strict = true;
    private Throwable error;
    private long now;
    private long nextFlow = 1;
    private long nextEnd = 1;

    private record Certificate(String name, String sha256) {}

    public SimWorld(long seed) {
        this.seed = seed;
    }

    public long seed() {
        return seed;
    }

    // ---- time

    /** Nanoseconds since the world began. */
    public long nanoTime() {
        return now;
    }

    public Instant instant() {
        return EPOCH.plusNanos(now);
    }

    /** Timers that are set, of all who live here. */
    public int timers() {
        return queue.pending();
    }

    /** Runs a task once, that much later. */
    public Subscription after(Duration delay, Runnable task) {
        return at(now + Math.max(0, delay.toNanos()), task);
    }

    Subscription at(long time, Runnable task) {
        check();
        return queue.add(Math.max(now, time), task);
    }

    /** Lets that much time pass. */
    public void run(Duration time) {
        long end = now + time.toNanos();
        loop(end, () -> false);
        now = end;
    }

    /** Lets time pass until the condition holds; false if it does not within {@code limit}. */
    public boolean runs(BooleanSupplier condition, Duration limit) {
        return condition.getAsBoolean() || loop(now + limit.toNanos(), condition);
    }

    /**
     * Lets time pass until the condition holds.
     *
     * @throws AssertionError if it does not within {@code limit}; shows seed and trace
     */
    public void runUntil(String what, BooleanSupplier condition, Duration limit) {
        if (!runs(condition, limit)) {
            throw failure("within " + limit + " not: " + what, null);
        }
    }

    /** Lets time pass until the stage completes, and gives its result or throws its failure. */
    public <T> T await(CompletionStage<T> stage, Duration limit) {
        CompletableFuture<T> f = stage.toCompletableFuture();
        runUntil("stage completes", f::isDone, limit);
        return f.join();
    }

    private boolean loop(long end, BooleanSupplier condition) {
        check();
        long same = 0;
        for (EventQueue.Event e = queue.poll(end); e != null; e = queue.poll(end)) {
            same = e.at == now ? same + 1 : 0;
            if (same > MOST_EVENTS_AT_ONCE) {
                throw failure("time stands still: events make events without end", null);
            }
            now = e.at;
            try {
                e.run();
            } catch (RuntimeException | Error x) {
                failed("event", x);
            }
            if (error != null && strict) {
                throw failure("a task or handler failed: " + error, error);
            }
            if (condition.getAsBoolean()) {
                return true;
            }
        }
        return false;
    }

    private void check() {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException(
                    "called from "
                            + Thread.currentThread()
                            + ": in the simulated world there are no other threads");
        }
    }

    // ---- chance and evidence

    /** A stream of chance of its own, the same for the same seed and name. */
    public RandomGenerator random(String name) {
        return Seeds.stream(seed, name);
    }

    /** Notes what happened. */
    public void trace(String who, String what) {
        trace.add(now, who, what);
    }

    /** The same for two runs of one seed, unless something is not deterministic. */
    public long digest() {
        return trace.digest();
    }

    public String trace(int lines) {
        return trace.tail(lines);
    }

    /** Tells everything that happens from now on, line by line. */
    public void echo(Consumer<String> to) {
        trace.echo = to;
    }

    /** An error that shows the seed and what happened last. */
    public AssertionError failure(String message, Throwable cause) {
        return new AssertionError(
                message + "\nseed " + seed + ", the last that happened:\n" + trace.tail(SHOWN),
                cause);
    }

    /** Whether an exception out of a task or handler ends the run; on at first. */
    public void strict(boolean on) {
        strict = on;
        error = null;
    }

    void failed(String who, Throwable x) {
        trace(who, "FAILED " + x);
        if (error == null) {
            error = x;
        }
    }

    // ---- hosts, links, names

    /** The host of that name; made at the first call, with one IPv4 and one IPv6 address. */
    public SimHost host(String name) {
        SimHost known = hosts.get(name);
        if (known != null) {
            return known;
        }
        int n = hosts.size() + 1;
        byte[] v4 = {(byte) 192, 0, (byte) (2 + n / 250), (byte) (n % 250 + 1)};
        byte[] v6 = new byte[16];
        v6[0] = 0x20;
        v6[1] = 0x01;
        v6[2] = 0x0d;
        v6[3] = (byte) 0xb8;
        v6[14] = (byte) (n >> 8);
        v6[15] = (byte) n;
        return host(name, internet, address(v4), address(v6));
    }

    /** A new host with these addresses. */
    public SimHost host(String name, Realm realm, InetAddress... addresses) {
        SimHost host = new SimHost(this, name, realm, List.of(addresses));
        if (hosts.putIfAbsent(name, host) != null) {
            throw new IllegalArgumentException("there is a host " + name);
        }
        for (InetAddress a : addresses) {
            realm.attach(a, host);
        }
        names.put(name, List.of(addresses));
        return host;
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public Realm internet() {
        return internet;
    }

    /** A realm of its own, to be joined by a station of yours. */
    public Realm realm(String name) {
        return new Realm(this, name);
    }

    /** Of links that are first used from now on. 10 ms at first. */
    public void defaultProfile(LinkProfile profile) {
        defaultProfile = profile;
    }

    LinkProfile defaultProfile() {
        return defaultProfile;
    }

    /** Sets both directions between two hosts on the Internet. */
    public void link(SimHost a, SimHost b, LinkProfile profile) {
        internet.link(a, b, profile);
    }

    /** Cuts two hosts off from each other, silently, until {@link #heal}. */
    public void partition(SimHost a, SimHost b) {
        internet.up(a, b, false);
    }

    public void heal(SimHost a, SimHost b) {
        internet.up(a, b, true);
    }

    /** What {@code resolve} gives for a name; hosts have their own name already. */
    public void name(String name, InetAddress... addresses) {
        names.put(name, List.of(addresses));
    }

    List<InetAddress> lookup(String name) {
        return names.getOrDefault(name, List.of());
    }

    String nameOf(Realm realm, InetAddress address) {
        for (SimHost h : hosts.values()) {
            if (h.realm() == realm && h.addresses().contains(address)) {
                return h.name();
            }
        }
        return "?";
    }

    /**
     * Says that whoever listens at {@code address} speaks TLS, under a certificate of that name.
     */
    public void tls(InetSocketAddress address, String certificateName, String sha256) {
        certificates.put(address, new Certificate(certificateName, sha256));
    }

    /** Why a TLS client goes away again; empty when it is content. */
    String tlsRefusal(InetSocketAddress address, String name, TlsOptions options) {
        Certificate c = certificates.get(address);
        if (c == null) {
            return "not a TLS server: " + Packet.text(address);
        }
        if (options.pin().isPresent()) {
            return options.pin().get().equals(c.sha256()) ? "" : "not the pinned certificate";
        }
        return name.equals(c.name()) ? "" : "the certificate is for " + c.name();
    }

    // ---- faults

    /**
     * Kills the TCP connections that {@code which} picks.
     *
     * @return how many
     */
    public int cutTcp(Predicate<TcpFlow> which, Cut how) {
        List<TcpConnection[]> hit = new ArrayList<>();
        for (TcpConnection[] ends : List.copyOf(flows.values())) {
            if (which.test(ends[0].flow())) {
                hit.add(ends);
            }
        }
        for (TcpConnection[] ends : hit) {
            trace("fault", how + " " + ends[0].flow());
            swallowed.add(ends[0].flow().id());
            flows.remove(ends[0].flow().id());
            if (how == Cut.RESET || how == Cut.CLIENT_ONLY) {
                ends[0].reset();
            }
            if (ends[1] != null && (how == Cut.RESET || how == Cut.SERVER_ONLY)) {
                ends[1].reset();
            }
        }
        return hit.size();
    }

    /** TCP connections that live now. */
    public List<TcpFlow> tcpFlows() {
        return flows.values().stream().map(e -> e[0].flow()).toList();
    }

    boolean swallows(long flow) {
        return swallowed.contains(flow);
    }

    long newFlow() {
        return nextFlow++;
    }

    /** A name for one end of a connection, as unique as its initial sequence number. */
    long newEnd() {
        return nextEnd++;
    }

    void began(TcpConnection client) {
        flows.put(client.flow().id(), new TcpConnection[] {client, null});
    }

    void accepted(TcpConnection server) {
        TcpConnection[] ends = flows.get(server.flow().id());
        if (ends != null) {
            ends[1] = server;
        }
    }

    /**
     * One end met the SYN of the other: the two flows are one from now on, that of who began first.
     */
    void met(TcpConnection end, long otherFlow) {
        TcpConnection[] own = flows.get(end.flow().id());
        TcpConnection[] other = flows.get(otherFlow);
        if (own == null || other == null || own == other) {
            return;
        }
        TcpConnection[] first = end.flow().id() < otherFlow ? own : other;
        TcpConnection[] second = first == own ? other : own;
        flows.remove(second[0].flow().id());
        first[1] = second[0];
        first[1].flow(first[0].flow());
    }

    void ended(TcpConnection end) {
        TcpConnection[] ends = flows.get(end.flow().id());
        if (ends != null
                && (ends[0] == end || ends[0].gone())
                && (ends[1] == null || ends[1] == end || ends[1].gone())) {
            flows.remove(end.flow().id());
        }
    }
}
