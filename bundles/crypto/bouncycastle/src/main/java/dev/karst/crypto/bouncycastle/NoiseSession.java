// SPDX-License-Identifier: Apache-2.0
package dev.karst.crypto.bouncycastle;

import dev.karst.lib.noise.NoiseHandshake;
import dev.karst.lib.noise.NoiseRecords;
import dev.karst.spi.Scope;
import dev.karst.spi.crypto.Handshake;
import dev.karst.spi.crypto.RecordCipher;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

/** A handshake of the Noise library in the words of the SPI. */
record NoiseSession(NoiseHandshake noise, Scope scope) implements Handshake {
    @Override
    public byte[] write(byte[] payload) {
        return noise.write(payload);
    }

    @Override
    public byte[] read(byte[] message) throws GeneralSecurityException {
        try {
            return noise.read(message);
        } catch (GeneralSecurityException e) {
            scope.count("bouncycastle.handshake-refused");
            throw e;
        }
    }

    @Override
    public boolean complete() {
        return noise.complete();
    }

    @Override
    public byte[] remoteStatic() {
        return noise.remoteStatic();
    }

    @Override
    public byte[] hash() {
        return noise.hash();
    }

    @Override
    public RecordCipher records() {
        return new Records(noise.split());
    }

    private record Records(NoiseRecords noise) implements RecordCipher {
        @Override
        public void seal(long counter, ByteBuffer ad, ByteBuffer plain, ByteBuffer out) {
            noise.seal(counter, ad, plain, out);
        }

        @Override
        public boolean open(long counter, ByteBuffer ad, ByteBuffer sealed, ByteBuffer out) {
            return noise.open(counter, ad, sealed, out);
        }
    }
}
