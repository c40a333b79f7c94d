// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One cipher object of the JDK, initialized anew for each record: about 1 µs, all that the JDK
 * allows without expanding the key again.
 *
 * <p>The JDK refuses to initialize ChaCha20-Poly1305 twice with one nonce, even for decryption. A
 * forged record would so make the genuine one of the same counter unreadable; in that case the
 * object is first initialized with another nonce.
 */
public final class JdkAead implements Aead {
    private final NoiseSuite suite;
    private final Key key;
    private final Cipher cipher;
    private final byte[] nonce = new byte[12];

    /** Takes sealed bytes that lie in the output array; as large as the largest such record. */
    private byte[] scratch = new byte[0];

    private int lastMode;
    private long lastCounter;

    /**
     * A cipher under a key.
     *
     * @param keyBytes 32 bytes, copied
     */
    public JdkAead(NoiseSuite suite, byte[] keyBytes) {
        if (keyBytes.length != 32) {
            throw new IllegalArgumentException("keys have 32 bytes");
        }
        this.suite = suite;
        boolean aes = suite == NoiseSuite.AESGCM;
        this.key = new SecretKeySpec(keyBytes, aes ? "AES" : "ChaCha20");
        try {
            this.cipher = Cipher.getInstance(aes ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks " + suite, e);
        }
    }

    /** Whether the JDK has the cipher; stripped or restricted ones may lack ChaCha20-Poly1305. */
    public static boolean supports(NoiseSuite suite) {
        try {
            new JdkAead(suite, new byte[32]);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
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
        if (lastMode == Cipher.ENCRYPT_MODE && lastCounter == counter) {
            throw new IllegalStateException("counter " + counter + " sealed twice");
        }
        try {
            init(Cipher.ENCRYPT_MODE, counter);
            if (adLength > 0) {
                cipher.updateAAD(ad, adAt, adLength);
            }
            cipher.doFinal(plain, plainAt, length, out, outAt);
        } catch (GeneralSecurityException e) {
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
        byte[] in = sealed;
        int inAt = sealedAt;
        // In place the JDK allocates as much as the whole output array for each record, and
        // ChaCha20-Poly1305 copies twice unless its input begins at 0.
        if (sealed == out || (suite == NoiseSuite.CHACHAPOLY && sealedAt != 0)) {
            if (scratch.length < length) {
                scratch = new byte[Math.max(length, Math.min(2 * scratch.length, 1 << 17))];
            }
            System.arraycopy(sealed, sealedAt, scratch, 0, length);
            in = scratch;
            inAt = 0;
        }
        try {
            init(Cipher.DECRYPT_MODE, counter);
            if (adLength > 0) {
                cipher.updateAAD(ad, adAt, adLength);
            }
            cipher.doFinal(in, inAt, length, out, outAt);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("opening failed", e);
        }
    }

    private void init(int mode, long counter) throws GeneralSecurityException {
        if (lastMode != 0 && lastCounter == counter) {
            cipher.init(Cipher.DECRYPT_MODE, key, parameters(~counter));
        }
        cipher.init(mode, key, parameters(counter));
        lastMode = mode;
        lastCounter = counter;
    }

    private AlgorithmParameterSpec parameters(long counter) {
        suite.nonce(counter, nonce);
        return suite == NoiseSuite.AESGCM
                ? new GCMParameterSpec(8 * TAG, nonce)
                : new IvParameterSpec(nonce);
    }
}
