// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.lib.record.Certificates;
import dev.karst.lib.record.Ed25519;
import dev.karst.lib.record.PeerRecord;
import java.security.SecureRandom;
import java.util.List;

/** A peer that signs records. */
final class SignedRecords {
    private final Ed25519.Pair keys = Ed25519.generate(new SecureRandom());
    final PeerId id = PeerId.of(keys.publicKey());

    byte[] record(long number, long lifetimeSeconds) {
        return new PeerRecord(
                        id,
                        number,
                        lifetimeSeconds,
                        Certificates.issue(
                                keys.seed(), id, Certificates.HANDSHAKE, new byte[32], 1),
                        Certificates.issue(keys.seed(), id, Certificates.SEAL, new byte[32], 1),
                        List.of(Endpoint.parse("mqtt://broker:1883")))
                .sign(keys.seed());
    }
}
