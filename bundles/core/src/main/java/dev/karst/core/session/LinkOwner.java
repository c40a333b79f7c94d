// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.PeerId;
import dev.karst.core.Counters;
import dev.karst.core.Limits;
import dev.karst.core.identity.Identity;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.world.World;
import dev.karst.spi.crypto.CryptoProvider;
import java.nio.ByteBuffer;
import java.util.List;

/** What a {@link Link} needs of its node. What tells of events is called with no lock held. */
interface LinkOwner {
    World world();

    Counters counters();

    Limits limits();

    Identity identity();

    /**
     * Usable crypto providers for that peer, best first.
     *
     * @param peer null while nobody knows who it is
     */
    List<ProviderHandle<CryptoProvider>> crypto(PeerId peer);

    /** Whether a peer that proved this id may have a session here. */
    boolean admits(PeerId peer);

    /** New keys stand: the peer is proven. First time or a later epoch. */
    void up(Link link);

    /** Opened frames. */
    void frames(Link link, int epoch, ByteBuffer plain);

    /** The keys are gone with their provider; the path lives. */
    void keyless(Link link);

    void writable(Link link);

    void down(Link link, String why);
}
