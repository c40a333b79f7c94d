// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunDecoded;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.StunMethod;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * Passes data on, RFC 8656 sections 11 and 12. Channel data is not copied and nothing is made for
 * it: headers are written in front of what came.
 */
final class Forwarder {
    private static final int SEND_TYPE = 0x0016;
    private static final int COOKIE = 0x2112a442;

    private final TurnCore core;
    private final SplittableRandom ids;
    private final LongAdder packets = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(TurnCore.HEADROOM + 65_536 + 3);

    Forwarder(TurnCore core, long seed) {
        this.core = core;
        this.ids = new SplittableRandom(seed); // of indications nobody answers
    }

    long packets() {
        return packets.sum();
    }

    long bytes() {
        return bytes.sum();
    }

    /** Takes channel data of a client; the allocation may be null. */
    void channelData(Allocation a, ByteBuffer in, long now) {
        int at = in.position();
        int length = in.getShort(at + 2) & 0xffff;
        if (length > in.remaining() - 4) {
            core.counter.accept("turn.bad.channel");
            return;
        }
        Channel c = a == null || a.over ? null : a.channels.get(in.getShort(at) & 0xffff);
        if (c == null || c.expiresAt - now <= 0) {
            core.counter.accept("turn.dropped.channel");
            return;
        }
        if (!a.take(length, now)) {
            core.counter.accept("turn.dropped.rate");
            return;
        }
        in.limit(at + 4 + length).position(at + 4);
        toPeer(c.relay, c.peer, c.local, c.reachable, in, now);
    }

    boolean isSend(ByteBuffer in) {
        return in.getShort(in.position()) == SEND_TYPE;
    }

    /** Takes a Send indication of a client; the allocation may be null. */
    void sendIndication(Allocation a, ByteBuffer in, long now) {
        StunDecoded decoded = StunMessage.decode(in, StunMessage.MAX_LENGTH, false);
        Optional<StunMessage> m = decoded.message();
        if (m.isEmpty()) {
            core.counter.accept("turn.bad." + decoded.problem().orElseThrow().counter());
            return;
        }
        Optional<InetSocketAddress> peer = m.get().get(StunAttributes.XOR_PEER_ADDRESS);
        Optional<byte[]> data = m.get().get(StunAttributes.DATA);
        // DONT-FRAGMENT is not supported: unknown, and the indication void (RFC 8656 section 11.2).
        boolean known =
                m.get().unknown(StunAttributes.XOR_PEER_ADDRESS, StunAttributes.DATA).isEmpty();
        if (a == null || a.tcp || peer.isEmpty() || data.isEmpty() || !known) {
            core.counter.accept("turn.dropped.send");
            return;
        }
        TurnRelay relay = a.relayFor(peer.get().getAddress());
        TurnRelay.Permission p =
                relay == null ? null : relay.permission(peer.get().getAddress(), now);
        if (p == null || peer.get().getPort() == 0) {
            core.counter.accept("turn.dropped.permission");
        } else if (!a.take(data.get().length, now)) {
            core.counter.accept("turn.dropped.rate");
        } else {
            boolean reachable = p.socket && !core.settings.peers().isListener(peer.get());
            scratch.clear().position(TurnCore.HEADROOM);
            scratch.put(data.get()).flip().position(TurnCore.HEADROOM);
            boolean local = core.settings.peers().isOwn(peer.get().getAddress());
            toPeer(relay, peer.get(), local, reachable, scratch, now);
        }
    }

    private void toPeer(
            TurnRelay relay,
            InetSocketAddress peer,
            boolean local,
            boolean reachable,
            ByteBuffer data,
            long now) {
        TurnRelay here = local ? core.ledger.relay(peer) : null;
        if (here != null) {
            TurnRelay.Permission p = here.permission(relay.address.getAddress(), now);
            deliver(here, p, relay.address, data, now);
        } else if (reachable) {
            packets.increment();
            bytes.add(data.remaining());
            relay.port.send(peer, data);
        } else {
            core.counter.accept("turn.dropped.denied");
        }
    }

    /** Takes what came through a socket. */
    void fromSocket(RelayPort port, InetSocketAddress from, ByteBuffer in, long now) {
        TurnRelay relay = port.owner;
        if (relay == null) {
            return;
        }
        TurnRelay.Permission p = relay.permission(from.getAddress(), now);
        deliver(relay, p == null || !p.socket ? null : p, from, in, now);
    }

    private void deliver(
            TurnRelay relay,
            TurnRelay.Permission permission,
            InetSocketAddress from,
            ByteBuffer data,
            long now) {
        Allocation a = relay.allocation;
        int length = data.remaining();
        if (permission == null || a.tcp) {
            core.counter.accept("turn.dropped.permission");
            return;
        }
        if (!a.take(length, now)) {
            core.counter.accept("turn.dropped.rate");
            return;
        }
        Channel c = relay.channels.get(from);
        ByteBuffer out = roomy(data, a.link.stream);
        if (c != null && c.expiresAt - now > 0) {
            int at = out.position() - 4;
            out.putShort(at, (short) c.number).putShort(at + 2, (short) length).position(at);
            if (a.link.stream) {
                pad(out, length);
            }
        } else if (!indication(out, from, length)) {
            return;
        }
        packets.increment();
        bytes.add(length);
        a.link.send(out);
    }

    /** The same bytes with room for headers and padding. */
    private ByteBuffer roomy(ByteBuffer data, boolean stream) {
        boolean behind = data.capacity() - data.limit() >= 3;
        if (data.position() >= TurnCore.HEADROOM && behind && !data.isReadOnly()
                || data == scratch) {
            return data;
        }
        scratch.clear().position(TurnCore.HEADROOM);
        scratch.put(data).flip().position(TurnCore.HEADROOM);
        return scratch;
    }

    private static void pad(ByteBuffer out, int length) {
        int end = out.limit();
        out.limit(end + (-length & 3));
        while (end < out.limit()) {
            out.put(end++, (byte) 0); // what lay there is another's
        }
    }

    /** Writes the header of a Data indication in front. */
    private boolean indication(ByteBuffer out, InetSocketAddress from, int length) {
        InetAddress ip = from.getAddress();
        int size = ip instanceof Inet4Address ? 8 : 20;
        int told = 4 + size + 4 + (length + 3 & ~3);
        if (told > 0xffff) {
            core.counter.accept("turn.dropped.long");
            return false;
        }
        pad(out, length);
        int at = out.position() - StunMessage.HEADER - 4 - size - 4;
        long high = ids.nextLong();
        int low = ids.nextInt();
        out.position(at);
        out.putShort(at, (short) 0x0017).putShort(at + 2, (short) told).putInt(at + 4, COOKIE);
        out.putLong(at + 8, high).putInt(at + 16, low);
        out.putShort(at + 20, (short) 0x0012).putShort(at + 22, (short) size);
        out.putShort(at + 24, (short) (size == 8 ? 1 : 2));
        out.putShort(at + 26, (short) (from.getPort() ^ COOKIE >>> 16));
        byte[] a = ip.getAddress();
        for (int i = 0; i < a.length; i++) {
            out.put(at + 28 + i, (byte) (a[i] ^ out.get(at + 4 + i)));
        }
        int data = at + 24 + size;
        out.putShort(data, (short) 0x0013).putShort(data + 2, (short) length);
        return true;
    }

    /** A ConnectionAttempt indication, RFC 6062 section 5.4. */
    byte[] attempt(long id, InetSocketAddress peer) {
        byte[] transaction = new byte[12];
        core.random.nextBytes(transaction);
        StunMessageBuilder b =
                StunMessage.builder(
                        StunClass.INDICATION, StunMethod.CONNECTION_ATTEMPT, transaction);
        return b.with(StunAttributes.CONNECTION_ID, id)
                .with(StunAttributes.XOR_PEER_ADDRESS, peer)
                .build()
                .bytes();
    }
}
