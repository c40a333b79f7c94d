// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/**
 * The two ciphers that a handshake ends with, on buffers with arrays. Sealing by one thread at a
 * time and opening by one thread at a time, both possibly at once.
 */
public final class NoiseRecords {
    private final Aead sealer;
    private final Aead opener;

    NoiseRecords(Aead sealer, Aead opener) {
        this.sealer = sealer;
        this.opener = opener;
    }

    /**
     * Seals.
     *
     * @param counter never used twice; 0 to 2^64 - 2, unsigned
     * @param ad authenticated, left unmoved
     * @param plain consumed
     * @param out gets {@code plain.remaining() + TAG} bytes
     * @throws BufferOverflowException if they do not fit; nothing moved, the counter is unused
     */
    public void seal(long counter, ByteBuffer ad, ByteBuffer plain, ByteBuffer out) {
        int length = plain.remaining();
        if (out.remaining() < length + Aead.TAG) {
            throw new BufferOverflowException();
        }
        sealer.seal(
                counter,
                ad.array(),
                ad.arrayOffset() + ad.position(),
                ad.remaining(),
                plain.array(),
                plain.arrayOffset() + plain.position(),
                length,
                out.array(),
                out.arrayOffset() + out.position());
        plain.position(plain.limit());
        out.position(out.position() + length + Aead.TAG);
    }

    /**
     * Opens.
     *
     * @param ad authenticated, left unmoved
     * @param sealed consumed, forged or not
     * @param out gets {@code sealed.remaining() - TAG} bytes; may be the same array at the same
     *     place. When forged it is unmoved, but its bytes may have changed
     * @return false if it is forged or cut off
     * @throws BufferOverflowException if they do not fit; nothing moved
     */
    public boolean open(long counter, ByteBuffer ad, ByteBuffer sealed, ByteBuffer out) {
        int length = sealed.remaining();
        if (out.remaining() < length - Aead.TAG) {
            throw new BufferOverflowException();
        }
        boolean genuine =
                opener.open(
                        counter,
                        ad.array(),
                        ad.arrayOffset() + ad.position(),
                        ad.remaining(),
                        sealed.array(),
                        sealed.arrayOffset() + sealed.position(),
                        length,
                        out.array(),
                        out.arrayOffset() + out.position());
        sealed.position(sealed.limit());
        if (genuine) {
            out.position(out.position() + length - Aead.TAG);
        }
        return genuine;
    }
}
