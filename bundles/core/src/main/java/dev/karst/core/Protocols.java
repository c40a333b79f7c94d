// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.AccessPolicy;
import dev.karst.PeerId;
import dev.karst.PipeAcceptor;
import dev.karst.ProtocolId;
import dev.karst.Subscription;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What is open to whom. Deny by default: a peer that nothing is open to does not get a session. */
final class Protocols {
    private record Entry(AccessPolicy who, PipeAcceptor acceptor) {}

    private final Map<ProtocolId, Entry> open = new ConcurrentHashMap<>();

    Subscription accept(ProtocolId protocol, AccessPolicy who, PipeAcceptor acceptor) {
        Entry e = new Entry(who, acceptor);
        if (open.putIfAbsent(protocol, e) != null) {
            throw new IllegalStateException("protocol \"" + protocol + "\" is open already");
        }
        return () -> open.remove(protocol, e);
    }

    Optional<PipeAcceptor> acceptor(PeerId peer, ProtocolId protocol) {
        Entry e = open.get(protocol);
        return e != null && admits(e, peer) ? Optional.of(e.acceptor) : Optional.empty();
    }

    boolean admitsAnything(PeerId peer) {
        for (Entry e : open.values()) {
            if (admits(e, peer)) {
                return true;
            }
        }
        return false;
    }

    private static boolean admits(Entry e, PeerId peer) {
        try {
            return e.who.admits(peer);
        } catch (Throwable t) { // a policy that throws admits nobody
            return false;
        }
    }
}
