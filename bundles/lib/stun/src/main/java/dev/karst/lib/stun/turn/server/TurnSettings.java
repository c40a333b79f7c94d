// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.server.StunLimits;

/**
 * How a server behaves.
 *
 * @param realm of the credentials
 * @param users who may allocate
 * @param limits how much
 * @param refusals how often strangers are told to authenticate
 * @param peers whom may be talked to
 * @param tcp whether TCP allocations are offered (RFC 6062)
 */
public record TurnSettings(
        String realm,
        TurnUsers users,
        TurnLimits limits,
        StunLimits refusals,
        PeerPolicy peers,
        boolean tcp) {
    /** 20 refusals a second for a source, 100 at once, 5,000 a second for all. */
    public static final StunLimits REFUSALS = new StunLimits(20, 100, 5_000, 16_384);

    public TurnSettings {
        if (realm.isBlank() || realm.length() > 127) {
            throw new IllegalArgumentException("realm: 1 to 127 characters");
        }
    }
}
