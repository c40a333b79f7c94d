// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.directory;

import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.spi.Scope;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Finds records by PeerId. Untrusted: the core checks every signature and takes the highest number
 * out of all directories. Service property: {@code karst.name}. Called on a thread of the provider.
 */
@ConsumerType
public interface PeerDirectory {
    /** Longest signed record, in bytes. */
    int MAX_RECORD = 16 * 1024;

    /** What it has on that peer; empty when nothing. Fails with {@link java.io.IOException}. */
    CompletionStage<List<Listing>> lookup(PeerId peer, Scope scope);

    /**
     * Publishes this node's record and keeps it published, across reconnects, until the scope is
     * cancelled or another record is published. A directory that cannot be written completes at
     * once.
     *
     * @param record signed, opaque, at most {@value #MAX_RECORD} bytes
     * @param onForeign called on any thread when the directory shows something else for {@code
     *     self}: the bytes, or empty when the record was erased. The core then decides whether to
     *     publish anew
     * @return completes when the directory acknowledged it; fails with {@link java.io.IOException}
     */
    CompletionStage<Void> publish(
            PeerId self,
            byte[] record,
            java.util.function.Consumer<Optional<byte[]>> onForeign,
            Scope scope);

    /** A signed record, or an address that came from this machine's own configuration. */
    record Listing(Optional<byte[]> record, Optional<PeerAddress> address) {
        public static Listing of(byte[] record) {
            return new Listing(Optional.of(record), Optional.empty());
        }

        public static Listing of(PeerAddress address) {
            return new Listing(Optional.empty(), Optional.of(address));
        }
    }
}
