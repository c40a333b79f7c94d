// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMethod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Permissions and channels of a client. A peer that is sent to gets a channel; until it is bound,
 * and for those beyond {@value #MOST_CHANNELS}, Send indications carry the data. Both are renewed
 * every {@value #RENEW_SECONDS} s: a permission lasts 300 s. Channels that nothing used meanwhile
 * are let go.
 */
final class Peers {
    static final int MOST_CHANNELS = 64;
    static final int MOST_PERMISSIONS = 256;
    static final int RENEW_SECONDS = 240;

    private static final long SECOND = 1_000_000_000L;
    private static final int FIRST = 0x4000;
    private static final int LAST = 0x4fff;

    /** RFC 8656 section 12: a number may stand for another peer 5 minutes after it expired. */
    private static final long REST = 900 * SECOND;

    private final TurnClient client;
    private final TurnClient.Events events;
    private final Map<InetSocketAddress, Bound> byPeer = new HashMap<>();
    private final Map<Integer, Bound> byNumber = new HashMap<>();
    private final Map<InetAddress, Permitted> permitted = new HashMap<>();
    private final ByteBuffer head = ByteBuffer.allocate(64);
    private int next = FIRST;
    private long checkAt;
    private boolean any;

    /** A channel. */
    private static final class Bound {
        final InetSocketAddress peer;
        final int number;
        boolean bound;
        boolean refused;
        boolean asking;
        boolean used = true;
        long renewedAt;

        Bound(InetSocketAddress peer, int number) {
            this.peer = peer;
            this.number = number;
        }
    }

    /** A permission and who waits for it. */
    private static final class Permitted {
        final List<Consumer<Optional<TurnFailure>>> waiting = new ArrayList<>();
        boolean given;
        long renewedAt;
    }

    Peers(TurnClient client, TurnClient.Events events) {
        this.client = client;
        this.events = events;
    }

    boolean send(InetSocketAddress peer, ByteBuffer data, long now) {
        Bound c = byPeer.get(peer);
        if (c == null) {
            c = bind(peer, now);
        }
        if (c != null && c.refused) {
            return false;
        }
        if (c == null || !c.bound) {
            if (c == null && !permitted.containsKey(peer.getAddress())) {
                permit(peer.getAddress(), r -> {}, now);
            }
            return indicate(peer, data);
        }
        c.used = true;
        int length = data.remaining();
        head.clear().putShort((short) c.number).putShort((short) length);
        return length <= 0xffff && events.send(head.flip(), data);
    }

    /** Null if there are enough channels. */
    private Bound bind(InetSocketAddress peer, long now) {
        if (byPeer.size() >= MOST_CHANNELS) {
            return null;
        }
        for (Bound old : byNumber.values()) {
            if (old.peer.equals(peer)) { // let go, but the relay may still know it
                old.bound = false;
                old.used = true;
                byPeer.put(peer, old);
                ask(old, now);
                return old;
            }
        }
        for (int tries = 0; byNumber.containsKey(next) && tries < LAST - FIRST; tries++) {
            next = next == LAST ? FIRST : next + 1;
        }
        Bound c = new Bound(peer, next);
        next = next == LAST ? FIRST : next + 1;
        byPeer.put(peer, c);
        byNumber.put(c.number, c);
        ask(c, now);
        return c;
    }

    private void ask(Bound c, long now) {
        c.asking = true;
        c.renewedAt = now;
        watch(now);
        client.request(
                StunMethod.CHANNEL_BIND,
                client.timing(),
                b ->
                        b.with(StunAttributes.CHANNEL_NUMBER, c.number)
                                .with(StunAttributes.XOR_PEER_ADDRESS, c.peer),
                (m, at) -> {
                    c.asking = false;
                    c.bound = true;
                    events.count("relay.bound");
                },
                why -> {
                    c.asking = false;
                    c.bound = false;
                    // Where there is no room for a channel, indications still go through.
                    c.refused = why.code() == 403 || why.code() == 443;
                    events.count("relay.unbound");
                    if (!c.refused && why.code() != 0) {
                        permit(c.peer.getAddress(), r -> {}, now);
                    }
                },
                now);
    }

    private boolean indicate(InetSocketAddress peer, ByteBuffer data) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        try {
            StunMessage m =
                    StunMessage.builder(StunClass.INDICATION, StunMethod.SEND, client.id())
                            .with(StunAttributes.XOR_PEER_ADDRESS, peer)
                            .with(StunAttributes.DATA, bytes)
                            .build();
            events.send(ByteBuffer.wrap(m.bytes()));
            return true;
        } catch (IllegalArgumentException e) { // longer than a message
            return false;
        }
    }

    void permit(InetAddress peer, Consumer<Optional<TurnFailure>> done, long now) {
        Permitted p = permitted.get(peer);
        if (p != null && p.given) {
            done.accept(Optional.empty());
        } else if (p != null) {
            p.waiting.add(done);
        } else if (permitted.size() >= MOST_PERMISSIONS) {
            done.accept(Optional.of(new TurnFailure(508, "too many permissions")));
        } else {
            p = new Permitted();
            p.waiting.add(done);
            permitted.put(peer, p);
            ask(peer, p, now);
        }
    }

    private void ask(InetAddress peer, Permitted p, long now) {
        p.renewedAt = now;
        watch(now);
        client.request(
                StunMethod.CREATE_PERMISSION,
                client.timing(),
                b -> b.with(StunAttributes.XOR_PEER_ADDRESS, new InetSocketAddress(peer, 0)),
                (m, at) -> {
                    p.given = true;
                    tell(p, Optional.empty());
                },
                why -> {
                    permitted.remove(peer, p);
                    events.count("relay.unpermitted");
                    tell(p, Optional.of(why));
                },
                now);
    }

    private static void tell(Permitted p, Optional<TurnFailure> result) {
        List<Consumer<Optional<TurnFailure>>> all = List.copyOf(p.waiting);
        p.waiting.clear();
        all.forEach(w -> w.accept(result));
    }

    Optional<TurnData> channelData(ByteBuffer in, long now) {
        int at = in.position();
        int length = in.getShort(at + 2) & 0xffff;
        Bound c = byNumber.get(in.getShort(at) & 0xffff);
        if (c == null || length > in.remaining() - 4) {
            events.count("relay.unexpected");
            return Optional.empty();
        }
        c.used = true;
        in.limit(at + 4 + length).position(at + 4);
        return Optional.of(new TurnData(c.peer, in));
    }

    Optional<TurnData> indication(StunMessage m) {
        Optional<InetSocketAddress> peer = m.get(StunAttributes.XOR_PEER_ADDRESS);
        Optional<byte[]> data = m.get(StunAttributes.DATA);
        if (peer.isEmpty() || data.isEmpty()) {
            events.count("relay.unexpected"); // ICMP, or nonsense
            return Optional.empty();
        }
        return Optional.of(new TurnData(peer.get(), ByteBuffer.wrap(data.get())));
    }

    private void watch(long now) {
        if (!any) {
            any = true;
            checkAt = now + RENEW_SECONDS / 4 * SECOND;
        }
    }

    /** When {@link #wake} is due; with the client's own. */
    long wakeAt(Optional<Long> own) {
        long ours = any ? checkAt : own.orElse(Long.MAX_VALUE);
        return own.filter(o -> o - ours < 0).orElse(ours);
    }

    void wake(long now) {
        if (!any || checkAt - now > 0) {
            return;
        }
        checkAt = now + RENEW_SECONDS / 4 * SECOND;
        long before = now - (RENEW_SECONDS - RENEW_SECONDS / 4) * SECOND;
        for (Iterator<Bound> i = byNumber.values().iterator(); i.hasNext(); ) {
            Bound c = i.next();
            boolean live = byPeer.get(c.peer) == c;
            if (!live && now - c.renewedAt > REST) {
                i.remove();
            } else if (live && c.renewedAt - before <= 0 && !c.asking && !c.used) {
                byPeer.remove(c.peer);
            }
        }
        for (Bound c : List.copyOf(byPeer.values())) {
            if (c.renewedAt - before <= 0 && !c.asking) {
                c.used = false;
                c.refused = false;
                ask(c, now);
            }
        }
        for (Map.Entry<InetAddress, Permitted> e : List.copyOf(permitted.entrySet())) {
            if (e.getValue().given && e.getValue().renewedAt - before <= 0) {
                ask(e.getKey(), e.getValue(), now);
            }
        }
    }

    void end(TurnFailure why) {
        List<Permitted> all = List.copyOf(permitted.values());
        permitted.clear();
        all.forEach(p -> tell(p, Optional.of(why)));
    }
}
