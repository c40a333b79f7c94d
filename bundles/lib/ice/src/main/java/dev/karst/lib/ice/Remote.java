// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

/** A candidate of the peer; what is known of it may grow. */
final class Remote {
    private IceCandidate candidate;

    Remote(IceCandidate candidate) {
        this.candidate = candidate;
    }

    IceCandidate candidate() {
        return candidate;
    }

    void candidate(IceCandidate better) {
        candidate = better;
    }
}
