// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap.testing;

import dev.karst.spi.portmap.PortRequest.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * A router on a loopback address, with a thread of its own, as both protocols need it: a table of
 * mappings, seconds since it began, and faults. It is written from the RFCs' figures and shares no
 * code with what it tests.
 */
public abstract class FakeRouter implements AutoCloseable {
    /** From this external port on, it gives another, below it, than was asked for. */
    public static final int TAKEN = 60_000;

    /** What is told as its external address. */
    public volatile InetAddress external = Rig.address("45.45.0.7");

    /** It refuses everything with this result, if it is not 0. */
    public volatile int refuses;

    /** It hears nothing. */
    public volatile boolean silent;

    /** It keeps requests until {@link #letGo}. */
    public volatile boolean late;

    /** The longest lifetime it gives. */
    public volatile long mostSeconds = 86_400;

    /** What becomes of each answer on its way: nothing, something else, several. */
    public volatile Function<byte[], List<byte[]>> twist = List::of;

    /** Called with the client's endpoint, before each answer. */
    public volatile Function<InetSocketAddress, Void> before = from -> null;

    /** Requests that were heard. */
    public final List<byte[]> heard = new CopyOnWriteArrayList<>();

    protected final Map<Key, Entry> table = new LinkedHashMap<>(); // guarded by this
    private final List<DatagramPacket> kept = new ArrayList<>(); // guarded by this
    private final DatagramSocket socket;
    private final Thread thread;
    private long startedAt = System.nanoTime();
    private volatile long addedSeconds;

    /** Whose mapping. */
    public record Key(Protocol protocol, InetSocketAddress internal) {}

    /** What mapping; the nonce is empty where the protocol has none. */
    public record Entry(int externalPort, String nonce) {}

    protected FakeRouter(InetSocketAddress at) {
        try {
            socket = new DatagramSocket(at);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = new Thread(this::serve, "fake-router");
        thread.setDaemon(true);
        thread.start();
    }

    /** A loopback address that nobody else uses. */
    public static InetAddress anyLoopback() {
        ThreadLocalRandom r = ThreadLocalRandom.current();
        return Rig.address(
                "127." + r.nextInt(10, 250) + "." + r.nextInt(256) + "." + r.nextInt(1, 255));
    }

    /** A port that nobody uses, a moment ago. */
    public static int freePort() {
        try (DatagramSocket s = new DatagramSocket(0)) {
            return s.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public InetAddress address() {
        return socket.getLocalAddress();
    }

    public int port() {
        return socket.getLocalPort();
    }

    private void serve() {
        byte[] buffer = new byte[2000];
        while (!socket.isClosed()) {
            DatagramPacket p = new DatagramPacket(buffer, buffer.length);
            try {
                socket.receive(p);
                hear(
                        new DatagramPacket(
                                Arrays.copyOf(buffer, p.getLength()),
                                p.getLength(),
                                p.getSocketAddress()));
            } catch (IOException e) {
                // closed, or the client's port was
            }
        }
    }

    private synchronized void hear(DatagramPacket p) {
        heard.add(p.getData());
        if (late) {
            kept.add(p);
        } else if (!silent) {
            reply(p);
        }
    }

    private void reply(DatagramPacket p) {
        InetSocketAddress from = (InetSocketAddress) p.getSocketAddress();
        byte[] answer = answer(p.getData(), from);
        if (answer != null) {
            before.apply(from);
            twist.apply(answer).forEach(a -> send(a, from));
        }
    }

    /** Carries out what it kept. */
    public synchronized void letGo() {
        late = false;
        kept.forEach(this::reply);
        kept.clear();
    }

    /** The answer to a request, or null. Holds the lock. */
    protected abstract byte[] answer(byte[] request, InetSocketAddress from);

    protected final int grant(Key key, int suggested, String nonce) {
        Entry had = table.get(key);
        int port = had != null ? had.externalPort() : suggested;
        while (had == null && (port == 0 || port >= TAKEN || taken(key.protocol(), port))) {
            port = ThreadLocalRandom.current().nextInt(20_000, TAKEN);
        }
        table.put(key, new Entry(port, nonce));
        return port;
    }

    private boolean taken(Protocol protocol, int port) {
        return table.entrySet().stream()
                .anyMatch(
                        e ->
                                e.getKey().protocol() == protocol
                                        && e.getValue().externalPort() == port);
    }

    public synchronized Map<Key, Entry> mappings() {
        return Map.copyOf(table);
    }

    /** As by a power cut. */
    public synchronized void reboot() {
        table.clear();
        startedAt = System.nanoTime();
        addedSeconds = 0;
    }

    /** As if it were up that much longer. */
    public void age(long seconds) {
        addedSeconds += seconds;
    }

    protected final synchronized int seconds() {
        return (int) ((System.nanoTime() - startedAt) / 1_000_000_000L + addedSeconds);
    }

    /** Sends from its own endpoint. */
    public void send(byte[] bytes, InetSocketAddress to) {
        try {
            socket.send(new DatagramPacket(bytes, bytes.length, to));
        } catch (IOException e) {
            if (!socket.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** To all hosts of the loopback interface. */
    public void multicast(byte[] bytes, InetAddress group, int port) {
        try {
            socket.setOption(
                    StandardSocketOptions.IP_MULTICAST_IF, NetworkInterface.getByName("lo"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        send(bytes, new InetSocketAddress(group, port));
    }

    @Override
    public void close() {
        socket.close();
        try {
            thread.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
