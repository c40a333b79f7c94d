// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.directory;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.lib.record.Certificates;
import dev.karst.lib.record.Ed25519;
import dev.karst.lib.record.PeerRecord;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;

/** A peer with keys of its own: what it signs stands up to a directory that verifies. */
public final class Publisher {
    private final Ed25519.Pair keys = Ed25519.generate(new SecureRandom());
    private final PeerId id = PeerId.of(keys.publicKey());

    public PeerId id() {
        return id;
    }

    /** Its signed record with that number, valid for an hour. */
    public byte[] record(long number) {
        return unsigned(number).sign(keys.seed());
    }

    /** The same as it looks inside. */
    public PeerRecord unsigned(long number) {
        byte[] seed = keys.seed();
        return new PeerRecord(
                id,
                number,
                Duration.ofHours(1).toSeconds(),
                Certificates.issue(seed, id, Certificates.HANDSHAKE, new byte[32], 1),
                Certificates.issue(seed, id, Certificates.SEAL, new byte[32], 1),
                List.of(Endpoint.parse("mqtt://broker:1883")));
    }
}
