// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.core.registry.ProviderHandle;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.crypto.RecordCipher;
import java.nio.ByteBuffer;

/**
 * The keys of one handshake on one link. A record shows the number of its epoch and its counter:
 *
 * <pre>RECORD (1) | epoch (1) | counter (8) | sealed frames</pre>
 */
final class Epoch {
    static final int HEADER = 10;
    static final int OVERHEAD = HEADER + RecordCipher.TAG;

    final int number;
    final String suite;
    final ProviderHandle<CryptoProvider> provider;
    private final ReplayWindow window = new ReplayWindow();
    private volatile RecordCipher cipher;
    private long counter;

    Epoch(int number, String suite, ProviderHandle<CryptoProvider> provider, RecordCipher cipher) {
        this.number = number;
        this.suite = suite;
        this.provider = provider;
        this.cipher = cipher;
    }

    boolean alive() {
        return cipher != null;
    }

    /** Lets go of the provider's object. */
    void drop() {
        cipher = null;
    }

    /**
     * Seals {@code plain} as a record into {@code out}, which is cleared first and flipped after.
     * One thread at a time.
     *
     * @return false when the keys are gone
     */
    boolean seal(ByteBuffer plain, ByteBuffer out) {
        RecordCipher c = cipher;
        if (c == null) {
            return false;
        }
        out.clear();
        out.put(Hello.RECORD).put((byte) number).putLong(counter);
        ByteBuffer ad = out.duplicate().flip();
        c.seal(counter++, ad, plain, out);
        out.flip();
        return true;
    }

    /**
     * Opens a record. One thread at a time.
     *
     * @param record the whole path frame
     * @return the frames, in a new array; null when it is forged, repeated, or the keys are gone
     */
    ByteBuffer open(ByteBuffer record) {
        RecordCipher c = cipher;
        if (c == null || record.remaining() < OVERHEAD) {
            return null;
        }
        ByteBuffer ad = record.duplicate().limit(record.position() + HEADER);
        long n = record.getLong(record.position() + 2);
        if (!window.fresh(n)) {
            return null;
        }
        ByteBuffer sealed = record.duplicate().position(record.position() + HEADER);
        ByteBuffer out = ByteBuffer.allocate(sealed.remaining() - RecordCipher.TAG);
        if (!c.open(n, ad, sealed, out)) {
            return null;
        }
        window.taken(n);
        return out.flip();
    }

    @Override
    public String toString() {
        return suite + " by " + provider.ref() + ", epoch " + number;
    }
}
