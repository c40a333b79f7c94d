// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.traversal.RelayPunchSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A view of a UDP socket as the core gives it: STUN by user and transaction to the strategy, the
 * rest to flows by source. Also plays an address at a relay, which here is just another socket.
 */
final class FakePunch implements RelayPunchSocket, UdpSocket.Handler {
    private static final int COOKIE = 0x2112a442;
    private static final int MOST_UNANSWERED = 20;

    private final UdpSocket socket;
    private final String user;
    private final FakeMeeting meeting;
    private final Map<InetSocketAddress, Handler> flows = new ConcurrentHashMap<>();
    private final Map<InetSocketAddress, AtomicInteger> unanswered = new ConcurrentHashMap<>();
    private final Set<Long> asked = ConcurrentHashMap.newKeySet();
    private volatile Handler handler;
    private volatile boolean closed;

    FakePunch(UdpSocket socket, String user, FakeMeeting meeting) {
        this.socket = socket;
        this.user = user;
        this.meeting = meeting;
    }

    static String user(String attempt, boolean initiator) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(attempt), "HmacSHA256"));
            String label = "karst ice ufrag " + (initiator ? "initiator" : "responder");
            byte[] out = mac.doFinal(label.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(out, 0, 4);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
        boolean stun = stun(bytes);
        if (!stun && flows.containsKey(from)) {
            flows.get(from).datagram(from, bytes);
        } else if (stun && !closed && mine(bytes)) {
            if ((bytes.getShort(0) & 0x110) == 0x100 && asked.contains(bytes.getLong(8))) {
                unanswered.computeIfAbsent(from, a -> new AtomicInteger()).set(Integer.MIN_VALUE);
            }
            handler.datagram(from, bytes);
        }
    }

    private static boolean stun(ByteBuffer b) {
        return b.remaining() >= 20 && (b.get(0) & 0xc0) == 0 && b.getInt(4) == COOKIE;
    }

    private boolean mine(ByteBuffer b) {
        if ((b.getShort(0) & 0x110) != 0) {
            return asked.contains(b.getLong(8));
        }
        for (int at = 20; at + 4 <= b.limit(); ) {
            int length = b.getShort(at + 2) & 0xffff;
            if (b.getShort(at) == 6 && at + 4 + length <= b.limit()) {
                byte[] name = new byte[length];
                b.get(at + 4, name);
                return new String(name, StandardCharsets.US_ASCII).startsWith(user + ":");
            }
            at += 4 + (length + 3 & ~3);
        }
        return false;
    }

    @Override
    public boolean send(InetSocketAddress to, ByteBuffer datagram) {
        if (closed || !stun(datagram.slice())) {
            meeting.violated("sent what is no STUN, or after close");
            return false;
        }
        int n = unanswered.computeIfAbsent(to, a -> new AtomicInteger()).incrementAndGet();
        if (n > MOST_UNANSWERED) {
            meeting.violated(n + " packets to " + to + ", which never answered");
        }
        asked.add(datagram.slice().getLong(8));
        return !meeting.passes(local(), to) || socket.send(to, datagram);
    }

    DatagramFlow flow(InetSocketAddress remote) {
        return new DatagramFlow() {
            @Override
            public InetSocketAddress local() {
                return FakePunch.this.local();
            }

            @Override
            public InetSocketAddress remote() {
                return remote;
            }

            @Override
            public void start(Handler h) {
                flows.put(remote, h);
            }

            @Override
            public boolean send(ByteBuffer datagram) {
                return socket.send(remote, datagram);
            }

            @Override
            public void close() {
                flows.remove(remote);
            }
        };
    }

    @Override
    public InetSocketAddress local() {
        return socket.local();
    }

    @Override
    public void start(Handler h) {
        handler = h;
        socket.start(this);
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public Optional<InetSocketAddress> mapped() {
        return Optional.empty();
    }

    @Override
    public Optional<InetSocketAddress> forwarded() {
        return Optional.empty();
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public InetSocketAddress server() {
        return socket.local();
    }

    @Override
    public CompletionStage<Void> permit(InetAddress peer) {
        return CompletableFuture.completedFuture(null);
    }
}
