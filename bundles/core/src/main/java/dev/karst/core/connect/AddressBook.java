// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.core.identity.SignalBox;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The last known, genuine address of each peer: bounded, least recently used go first. */
public final class AddressBook {
    private static final int MAX = 4096;
    private final LinkedHashMap<PeerId, PeerAddress> known =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<PeerId, PeerAddress> eldest) {
                    return size() > MAX;
                }
            };

    /** Takes an address whose signatures were checked. */
    public synchronized void learn(PeerAddress a) {
        PeerAddress old = known.get(a.id());
        if (old == null || a.handshakeKey().number() >= old.handshakeKey().number()) {
            known.put(a.id(), a);
        }
    }

    /** Checks the signatures, then takes it. False when it is forged. */
    public boolean learnIfGenuine(PeerAddress a) {
        Optional<PeerAddress> old = find(a.id());
        boolean sameKeys =
                old.isPresent()
                        && old.get().handshakeKey().equals(a.handshakeKey())
                        && old.get().sealKey().equals(a.sealKey());
        if (!sameKeys && !SignalBox.genuine(a)) {
            return false;
        }
        learn(a);
        return true;
    }

    public synchronized Optional<PeerAddress> find(PeerId id) {
        return Optional.ofNullable(known.get(id));
    }
}
