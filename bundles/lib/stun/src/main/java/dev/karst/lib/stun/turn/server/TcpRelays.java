// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunError;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * TCP allocations, RFC 6062: connections to peers that wait for, or are joined with, a client's.
 */
final class TcpRelays {
    private static final long WAIT = 30_000_000_000L;

    private final TurnCore core;
    private final Map<Long, Waiting> waiting = new HashMap<>();
    private final Map<PeerConnection, Allocation> open = new HashMap<>();

    private record Waiting(Allocation allocation, PeerConnection peer, long until) {}

    TcpRelays(TurnCore core) {
        this.core = core;
    }

    void connect(Asked q, Allocation a, long now) {
        Optional<InetSocketAddress> peer = q.message().get(StunAttributes.XOR_PEER_ADDRESS);
        if (!a.tcp || peer.isEmpty()) {
            q.refuse(a.tcp ? StunError.BAD_REQUEST : StunError.ALLOCATION_MISMATCH);
            return;
        }
        TurnRelay relay = a.relayFor(peer.get().getAddress());
        if (relay == null) {
            q.refuse(StunError.FAMILY_MISMATCH);
        } else if (!mayConnect(peer.get())) {
            core.counter.accept("turn.denied");
            q.refuse(StunError.FORBIDDEN);
        } else if (connected(a, peer.get())) {
            q.refuse(StunError.CONNECTION_EXISTS);
        } else if (count(a) >= core.settings.limits().peers()) {
            q.refuse(StunError.INSUFFICIENT_CAPACITY);
        } else {
            relay.port.connect(peer.get(), c -> connected(q, a, c, now));
        }
    }

    /** A relayed address of this machine can be connected to: it is a socket, too. */
    private boolean mayConnect(InetSocketAddress peer) {
        TurnRelay here = core.ledger.relay(peer);
        return core.settings.peers().reachable(peer) || here != null && here.allocation.tcp;
    }

    private void connected(Asked q, Allocation a, Optional<PeerConnection> c, long now) {
        if (c.isEmpty()) {
            q.refuse(StunError.CONNECTION_FAILED);
        } else if (a.over) {
            c.get().close();
        } else {
            long id = await(a, c.get(), now);
            q.send(q.success().with(StunAttributes.CONNECTION_ID, id));
        }
    }

    void accepted(RelayPort port, PeerConnection c, long now) {
        TurnRelay relay = port.owner;
        boolean permitted =
                relay != null
                        && relay.permission(c.remote().getAddress(), now) != null
                        && count(relay.allocation) < core.settings.limits().peers();
        if (!permitted) {
            core.counter.accept("turn.dropped.permission");
            c.close();
            return;
        }
        long id = await(relay.allocation, c, now);
        relay.allocation.link.send(ByteBuffer.wrap(core.forwarder.attempt(id, c.remote())));
    }

    private long await(Allocation a, PeerConnection c, long now) {
        long id;
        do {
            id = core.random.nextInt() & 0xffffffffL;
        } while (waiting.containsKey(id));
        waiting.put(id, new Waiting(a, c, now + WAIT));
        open.put(c, a);
        return id;
    }

    /** On a connection of its own. */
    void bind(Asked q, long now) {
        Optional<Long> id = q.message().get(StunAttributes.CONNECTION_ID);
        Waiting w = id.map(waiting::get).orElse(null);
        if (!q.link().stream || q.link().allocation != null || w == null) {
            q.refuse(StunError.BAD_REQUEST);
        } else if (!w.allocation().user.equals(q.who().user())) {
            q.refuse(StunError.WRONG_CREDENTIALS);
        } else {
            waiting.remove(id.get());
            q.send(q.success());
            core.counter.accept("turn.tcp.joined");
            q.link().splice(w.peer());
        }
    }

    private boolean connected(Allocation a, InetSocketAddress peer) {
        return open.entrySet().stream()
                .anyMatch(e -> e.getValue() == a && e.getKey().remote().equals(peer));
    }

    private long count(Allocation a) {
        return open.values().stream().filter(o -> o == a).count();
    }

    void closed(PeerConnection c) {
        open.remove(c);
        waiting.values().removeIf(w -> w.peer() == c);
    }

    void end(Allocation a) {
        if (a.tcp) {
            closeAll(open.entrySet().stream().filter(e -> e.getValue() == a).toList());
        }
    }

    private void closeAll(List<Map.Entry<PeerConnection, Allocation>> which) {
        List<PeerConnection> all = new ArrayList<>();
        which.forEach(e -> all.add(e.getKey()));
        for (PeerConnection c : all) {
            closed(c);
            c.close();
        }
    }

    void tick(long now) {
        List<PeerConnection> late = new ArrayList<>();
        waiting.values().stream()
                .filter(w -> w.until() - now <= 0)
                .forEach(w -> late.add(w.peer()));
        for (PeerConnection c : late) {
            closed(c);
            c.close();
        }
    }

    void close() {
        closeAll(List.copyOf(open.entrySet()));
    }
}
