// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.lib.stun.turn.RestCredential;
import dev.karst.lib.stun.turn.TurnClient;
import dev.karst.lib.stun.turn.TurnFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Clients of a relay and one peer, in one thread, each with a channel to that peer. */
final class TurnLoad implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long LOST = 50_000_000L;

    private final List<Client> clients = new ArrayList<>();
    private final DatagramChannel peer;
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocateDirect(4096);

    /** Allocates, and binds the channels. */
    TurnLoad(InetSocketAddress server, int count) throws IOException {
        selector = Selector.open();
        peer = DatagramChannel.open();
        peer.configureBlocking(false);
        peer.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        peer.setOption(java.net.StandardSocketOptions.SO_RCVBUF, 1 << 20);
        try {
            InetSocketAddress at = (InetSocketAddress) peer.getLocalAddress();
            for (int i = 0; i < count; i++) {
                Client c = new Client(server);
                clients.add(c);
                c.await(() -> c.relayed != null);
                c.turn.send(at, ByteBuffer.allocate(8), System.nanoTime());
                c.await(() -> c.bound);
                c.channel.register(selector, SelectionKey.OP_READ, c);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** One allocation on a connected socket. */
    private static final class Client implements TurnClient.Events {
        final DatagramChannel channel;
        final TurnClient turn;
        final ByteBuffer out = ByteBuffer.allocateDirect(2048);
        InetSocketAddress relayed;
        boolean bound;
        TurnFailure over;

        Client(InetSocketAddress server) throws IOException {
            channel = DatagramChannel.open();
            channel.configureBlocking(false);
            channel.connect(server);
            RestCredential account = new RestCredential("u", "p");
            turn =
                    new TurnClient(
                            new TurnClient.Setup(account, true, false, RANDOM::nextBytes), this);
            turn.start(System.nanoTime());
        }

        @Override
        public void send(ByteBuffer message) {
            try {
                channel.write(message);
            } catch (IOException e) {
                // Refused: the server is not up yet; the timer tries again.
            }
        }

        @Override
        public boolean send(ByteBuffer head, ByteBuffer data) {
            send(out.clear().put(head).put(data).flip());
            return true;
        }

        @Override
        public void allocated(InetSocketAddress address, Optional<InetSocketAddress> mapped) {
            relayed = address;
        }

        @Override
        public void over(TurnFailure why) {
            over = why;
        }

        @Override
        public void count(String what) {
            bound |= what.equals("relay.bound");
        }

        /** Reads what came; false if nothing did. */
        boolean read(ByteBuffer in) {
            try {
                if (channel.read(in.clear()) <= 0) {
                    return false;
                }
            } catch (IOException e) {
                return false;
            }
            turn.received(in.flip(), System.nanoTime());
            return true;
        }

        void await(java.util.function.BooleanSupplier what) throws IOException {
            ByteBuffer in = ByteBuffer.allocate(2048);
            long until = System.nanoTime() + 2_000_000_000L;
            while (!what.getAsBoolean()) {
                if (over != null || System.nanoTime() - until > 0) {
                    channel.close();
                    throw new IOException("no allocation: " + over);
                }
                if (!read(in)) {
                    turn.wake(System.nanoTime());
                    Thread.onSpinWait();
                }
            }
        }
    }

    /** Relays for so long with so many in flight; gives how many arrived. */
    long run(int size, int window, boolean up, long nanos) throws IOException {
        int channel = 0x4000; // the client's first
        ByteBuffer data = ByteBuffer.allocateDirect(size + 4);
        data.putShort(0, (short) channel).putShort(2, (short) size);
        if (!up) {
            data.position(4);
        }
        int start = data.position();
        long until = System.nanoTime() + nanos;
        long sent = 0;
        long arrived = 0;
        long progress = System.nanoTime();
        for (long now = progress; now - until < 0; now = System.nanoTime()) {
            while (sent - arrived < window) {
                Client c = clients.get((int) (sent % clients.size()));
                data.clear().position(start);
                if (up) {
                    c.channel.write(data);
                } else {
                    peer.send(data, c.relayed);
                }
                sent++;
            }
            long got = up ? drainPeer() : drainClients();
            arrived += got;
            if (got > 0) {
                progress = now;
            } else if (now - progress > LOST) {
                sent = arrived; // forget those
                progress = now;
            }
        }
        long end = System.nanoTime() + LOST;
        while (sent > arrived && System.nanoTime() - end < 0) {
            arrived += up ? drainPeer() : drainClients();
        }
        return arrived;
    }

    private long drainPeer() throws IOException {
        long n = 0;
        while (n < 32 && peer.receive(in.clear()) != null) {
            n++;
        }
        return n;
    }

    private long drainClients() throws IOException {
        if (clients.size() == 1) {
            return drain(clients.get(0));
        }
        long[] n = new long[1];
        selector.selectNow(
                k -> {
                    try {
                        n[0] += drain((Client) k.attachment());
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
        return n[0];
    }

    private long drain(Client c) throws IOException {
        long n = 0;
        while (n < 32 && c.channel.read(in.clear()) > 0) {
            n++;
        }
        return n;
    }

    /** Median time of client, relay, peer, relay, client, in microseconds. */
    double roundTrips(int size, long nanos) throws IOException {
        Client c = clients.get(0);
        ByteBuffer data = ByteBuffer.allocateDirect(size + 4);
        data.putShort(0, (short) 0x4000).putShort(2, (short) size);
        List<Double> took = new ArrayList<>();
        long until = System.nanoTime() + nanos;
        for (long now = System.nanoTime(); now - until < 0; ) {
            c.channel.write(data.clear());
            boolean there = false;
            boolean back = false;
            long began = now;
            while (!back && now - began < LOST) {
                if (!there && peer.receive(in.clear()) != null) {
                    there = true;
                    peer.send(in.flip(), c.relayed);
                } else if (there && c.channel.read(in.clear()) > 0) {
                    back = true;
                }
                now = System.nanoTime();
            }
            took.add((now - began) / 1e3);
        }
        double[] all = took.stream().mapToDouble(d -> d).toArray();
        Arrays.sort(all);
        return all[all.length / 2];
    }

    /** Allocates and gives back for so long, so many at a time; gives how many a second. */
    static double allocations(InetSocketAddress server, int atOnce, long nanos) throws IOException {
        List<Client> open = new ArrayList<>();
        ByteBuffer in = ByteBuffer.allocateDirect(2048);
        long began = System.nanoTime();
        long made = 0;
        long now = began;
        while (now - began < nanos) {
            while (open.size() < atOnce) {
                open.add(new Client(server));
            }
            now = System.nanoTime();
            for (int i = open.size() - 1; i >= 0; i--) {
                Client c = open.get(i);
                boolean had = c.relayed != null;
                if (!c.read(in)) {
                    c.turn.wake(now);
                }
                if (!had && c.relayed != null) {
                    made++;
                    c.turn.close(now);
                }
                if (c.over != null) {
                    c.channel.close();
                    open.remove(i);
                }
            }
        }
        double seconds = (now - began) / 1e9;
        for (Client c : open) {
            c.turn.close(now);
            c.channel.close();
        }
        return made / seconds;
    }

    @Override
    public void close() {
        for (Client c : clients) {
            c.turn.close(System.nanoTime());
            try {
                c.channel.close();
            } catch (IOException e) {
                // Nothing was lost.
            }
        }
        try {
            peer.close();
            selector.close();
        } catch (IOException e) {
            // Nothing was lost.
        }
    }
}
