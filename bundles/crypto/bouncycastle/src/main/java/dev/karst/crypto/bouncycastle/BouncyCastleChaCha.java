// SPDX-License-Identifier: Apache-2.0
package dev.karst.crypto.bouncycastle;

import dev.karst.lib.noise.Aead;
import dev.karst.lib.noise.NoiseSuite;
import java.util.Arrays;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/** ChaCha20-Poly1305 for JDKs without it. Slower: a new cipher and a copy for each record. */
final class BouncyCastleChaCha implements Aead {
    private final KeyParameter key;
    private boolean sealed;
    private long lastSealed;

    BouncyCastleChaCha(byte[] key) {
        if (key.length != 32) {
            throw new IllegalArgumentException("keys have 32 bytes");
        }
        this.key = new KeyParameter(key);
    }

    @Override
    public void seal(
            long counter,
            byte[] ad,
            int adAt,
            int adLength,
            byte[] plain,
            int plainAt,
            int length,
            byte[] out,
            int outAt) {
        if (counter == -1) {
            throw new IllegalArgumentException("the counter 2^64 - 1 is reserved");
        }
        if (sealed && lastSealed == counter) {
            throw new IllegalStateException("counter " + counter + " sealed twice");
        }
        sealed = true;
        lastSealed = counter;
        try {
            byte[] result = run(true, counter, ad, adAt, adLength, plain, plainAt, length);
            System.arraycopy(result, 0, out, outAt, result.length);
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException("sealing failed", e);
        }
    }

    @Override
    public boolean open(
            long counter,
            byte[] ad,
            int adAt,
            int adLength,
            byte[] sealed,
            int sealedAt,
            int length,
            byte[] out,
            int outAt) {
        if (length < TAG || counter == -1) {
            return false;
        }
        try {
            byte[] plain = run(false, counter, ad, adAt, adLength, sealed, sealedAt, length);
            System.arraycopy(plain, 0, out, outAt, plain.length);
            Arrays.fill(plain, (byte) 0);
            return true;
        } catch (InvalidCipherTextException e) {
            return false;
        }
    }

    private byte[] run(
            boolean seal,
            long counter,
            byte[] ad,
            int adAt,
            int adLength,
            byte[] in,
            int inAt,
            int length)
            throws InvalidCipherTextException {
        byte[] nonce = new byte[12];
        NoiseSuite.CHACHAPOLY.nonce(counter, nonce);
        ChaCha20Poly1305 cipher = new ChaCha20Poly1305();
        cipher.init(seal, new AEADParameters(key, 8 * TAG, nonce));
        cipher.processAADBytes(ad, adAt, adLength);
        byte[] result = new byte[cipher.getOutputSize(length)];
        int done = cipher.processBytes(in, inAt, length, result, 0);
        cipher.doFinal(result, done);
        return result;
    }
}
