// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.registry;

import dev.karst.PeerId;

/**
 * Which share of the peers the providers of a new bundle serve while they prove themselves.
 *
 * @param bundle symbolic name and version
 * @param share above 0, at most 1
 */
public record Trial(String bundle, double share) {
    private static final int SLICES = 10_000;

    public Trial {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("a share is above 0 and at most 1, not " + share);
        }
    }

    /** Always the same peers of a bundle, and others of another bundle. */
    public boolean serves(PeerId peer) {
        int hash = (peer.hashCode() * 31 + bundle.hashCode()) * 0x9E3779B1;
        return Integer.remainderUnsigned(hash >>> 8, SLICES) < share * SLICES;
    }
}
