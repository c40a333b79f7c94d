// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunDecoded;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMethod;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A TURN server: RFC 8656 over UDP and streams, RFC 6062 on demand. Answers nobody who did not
 * prove a credential with more than a refusal, whose rate is limited for each source. Keeps nothing
 * for requests that fail. Not thread-safe; the shell calls it on one thread.
 *
 * <p>Buffers given to {@link #datagram}, {@link #frame} and {@link #peer} should have {@value
 * #HEADROOM} bytes before their position and 3 behind their limit, which it writes to: then what is
 * passed on is not copied.
 */
public final class TurnCore {
    /** Bytes in front of what is received, for the header of a Data indication over IPv6. */
    public static final int HEADROOM = 48;

    /** The longest request that is read, in bytes; Send indications may be longer. */
    static final int MAX_REQUEST = 2048;

    final TurnSettings settings;
    final TurnIo io;
    final SecureRandom random;
    final Consumer<String> counter;
    final Authenticator authenticator;
    final Ledger ledger;
    final Forwarder forwarder;
    final TcpRelays tcp;
    private final Requests requests;
    private final List<Map<InetSocketAddress, Allocation>> byClient = new ArrayList<>();

    /** Links over UDP whose sockets are being opened: what comes meanwhile is theirs, too. */
    private final List<Map<InetSocketAddress, TurnLink>> opening = new ArrayList<>();

    /**
     * A server.
     *
     * @param ends how many UDP sockets it has
     * @param epochSeconds wall clock, for time-limited users
     * @param now nanoseconds of a monotonic clock
     * @param counter is told names of what happened, such as {@code turn.allocated}
     */
    public TurnCore(
            TurnSettings settings,
            TurnIo io,
            int ends,
            SecureRandom random,
            LongSupplier epochSeconds,
            long now,
            Consumer<String> counter) {
        this.settings = settings;
        this.io = io;
        this.random = random;
        this.counter = counter;
        byte[] key = new byte[32];
        random.nextBytes(key);
        Nonces nonces = new Nonces(key, now, settings.limits().nonceLifetime());
        authenticator = new Authenticator(settings, nonces, epochSeconds);
        ledger = new Ledger(settings.limits(), settings.users());
        forwarder = new Forwarder(this, random.nextLong());
        tcp = new TcpRelays(this);
        requests = new Requests(this);
        for (int i = 0; i < ends; i++) {
            byClient.add(new HashMap<>());
            opening.add(new HashMap<>());
        }
    }

    /** Takes a datagram that came to a UDP socket of the server; no Binding. Never throws. */
    public void datagram(int end, InetSocketAddress from, ByteBuffer in, long now) {
        Allocation a = byClient.get(end).get(from);
        if (in.remaining() < 4) {
            counter.accept("turn.bad.short");
        } else if ((in.get(in.position()) & 0xc0) == 0x40) {
            forwarder.channelData(a, in, now);
        } else {
            TurnLink link = a != null ? a.link : opening.get(end).get(from);
            message(end, link != null ? link : io.link(end, from), in, now);
        }
    }

    /** Takes a message or channel data from a stream, as the framer cuts it. Never throws. */
    public void frame(int end, TurnLink link, ByteBuffer in, long now) {
        if ((in.get(in.position()) & 0xc0) == 0x40) {
            forwarder.channelData(link.allocation, in, now);
        } else {
            message(end, link, in, now);
        }
    }

    /** Takes a datagram that came to a relayed address. Never throws. */
    public void peer(RelayPort port, InetSocketAddress from, ByteBuffer in, long now) {
        forwarder.fromSocket(port, from, in, now);
    }

    /** RFC 6062: takes a connection that came to a relayed address. */
    public void accepted(RelayPort port, PeerConnection connection, long now) {
        tcp.accepted(port, connection, now);
    }

    /** RFC 6062: a connection to a peer is over. */
    public void closed(PeerConnection connection) {
        tcp.closed(connection);
    }

    /** The stream is gone, and with it the allocation. */
    public void gone(TurnLink link) {
        link.gone = true;
        if (link.allocation != null) {
            end(link.allocation, "turn.ended.connection");
        }
    }

    /** Forgets what expired; about once a second. */
    public void tick(long now) {
        for (Allocation a : ledger.all()) {
            if (a.expiresAt - now <= 0) {
                end(a, "turn.ended.expired");
            } else {
                a.tick(now);
            }
        }
        ledger.tick(now);
        tcp.tick(now);
    }

    /** Gives all back. */
    public void close() {
        ledger.all().forEach(a -> end(a, "turn.ended.stop"));
        ledger.close();
        tcp.close();
    }

    /** Allocations of now. */
    public int allocations() {
        return ledger.size();
    }

    /** Packets that were passed on, since the start. */
    public long relayedPackets() {
        return forwarder.packets();
    }

    /** Bytes of data that were passed on, since the start. */
    public long relayedBytes() {
        return forwarder.bytes();
    }

    private void message(int end, TurnLink link, ByteBuffer in, long now) {
        if (forwarder.isSend(in)) {
            forwarder.sendIndication(link.allocation, in, now);
            return;
        }
        StunDecoded decoded = StunMessage.decode(in, MAX_REQUEST, false);
        if (decoded.problem().isPresent()) {
            counter.accept("turn.bad." + decoded.problem().get().counter());
            return;
        }
        StunMessage m = decoded.message().orElseThrow();
        if (m.kind() != StunClass.REQUEST || m.method() == StunMethod.BINDING) {
            counter.accept("turn.ignored");
        } else if (link.client.getPort() == 0 || link.client.getAddress().isMulticastAddress()) {
            counter.accept("turn.bad.source");
        } else {
            requests.handle(end, link, m, now);
        }
    }

    /** Its sockets are being opened, or not any more. */
    void busy(int end, TurnLink link, boolean is) {
        link.busy = is;
        if (is && !link.stream) {
            opening.get(end).put(link.client, link);
        } else if (!link.stream) {
            opening.get(end).remove(link.client);
        }
    }

    void begin(Allocation a) {
        ledger.add(a);
        a.link.allocation = a;
        if (!a.link.stream) {
            byClient.get(a.end).put(a.link.client, a);
        }
        counter.accept("turn.allocated");
    }

    void end(Allocation a, String why) {
        if (a.over) {
            return;
        }
        a.over = true;
        ledger.remove(a);
        a.link.allocation = null;
        if (!a.link.stream) {
            byClient.get(a.end).remove(a.link.client);
        }
        a.relays.forEach(this::close);
        tcp.end(a);
        counter.accept(why);
    }

    void close(TurnRelay relay) {
        ledger.forget(relay);
        relay.close();
    }
}
