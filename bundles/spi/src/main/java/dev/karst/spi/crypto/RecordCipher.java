// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.crypto;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Seals and opens the records of one epoch: AEAD under the keys of Noise's Split, the nonce being
 * the counter. {@code seal} is called by one thread at a time, {@code open} by one thread at a
 * time, both possibly at once. Buffers are backed by arrays.
 */
@ConsumerType
public interface RecordCipher {
    /** Bytes that sealing adds. */
    int TAG = 16;

    /**
     * Seals.
     *
     * @param counter never used twice; 0 to 2^64 - 2, unsigned
     * @param ad authenticated, not encrypted: from its position to its limit, left unmoved
     * @param plain consumed
     * @param out gets {@code plain.remaining() + TAG} bytes; may not overlap {@code plain}
     */
    void seal(long counter, ByteBuffer ad, ByteBuffer plain, ByteBuffer out);

    /**
     * Opens; each counter is offered at most once by the core.
     *
     * @param sealed consumed
     * @param out gets {@code sealed.remaining() - TAG} bytes; may be the same array at the same
     *     place
     * @return false if it is forged or cut off; {@code out} is then unmoved
     */
    boolean open(long counter, ByteBuffer ad, ByteBuffer sealed, ByteBuffer out);
}
