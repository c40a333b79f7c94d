// SPDX-License-Identifier: Apache-2.0
package dev.karst.crypto.bouncycastle;

import dev.karst.lib.noise.Aead;
import dev.karst.lib.noise.JdkAead;
import dev.karst.lib.noise.NoisePrimitives;
import dev.karst.lib.noise.NoiseSuite;
import java.security.GeneralSecurityException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** Curve and hash by Bouncy Castle, ciphers by the JDK where it has them. */
final class BouncyCastlePrimitives implements NoisePrimitives {
    private final boolean jdkChaCha = JdkAead.supports(NoiseSuite.CHACHAPOLY);

    @Override
    public byte[] publicKey(byte[] privateKey) {
        requireKey(privateKey);
        byte[] publicKey = new byte[X25519.POINT_SIZE];
        X25519.scalarMultBase(privateKey, 0, publicKey, 0);
        return publicKey;
    }

    @Override
    public byte[] dh(byte[] privateKey, byte[] publicKey) throws GeneralSecurityException {
        requireKey(privateKey);
        requireKey(publicKey);
        byte[] shared = new byte[X25519.POINT_SIZE];
        if (!X25519.calculateAgreement(privateKey, 0, publicKey, 0, shared, 0)) {
            throw new GeneralSecurityException("a public key of small order");
        }
        return shared;
    }

    private static void requireKey(byte[] key) {
        if (key.length != X25519.POINT_SIZE) {
            throw new IllegalArgumentException("X25519 keys have 32 bytes");
        }
    }

    @Override
    public byte[] hash(byte[]... parts) {
        SHA256Digest digest = new SHA256Digest();
        for (byte[] part : parts) {
            digest.update(part, 0, part.length);
        }
        byte[] out = new byte[digest.getDigestSize()];
        digest.doFinal(out, 0);
        return out;
    }

    @Override
    public byte[] hmac(byte[] key, byte[]... parts) {
        HMac mac = new HMac(new SHA256Digest());
        mac.init(new KeyParameter(key));
        for (byte[] part : parts) {
            mac.update(part, 0, part.length);
        }
        byte[] out = new byte[mac.getMacSize()];
        mac.doFinal(out, 0);
        return out;
    }

    @Override
    public Aead aead(NoiseSuite suite, byte[] key) {
        return suite == NoiseSuite.CHACHAPOLY && !jdkChaCha
                ? new BouncyCastleChaCha(key)
                : new JdkAead(suite, key);
    }
}
