// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Everything by the JDK (11 or later). */
public final class JdkPrimitives implements NoisePrimitives {
    private static final BigInteger BASE_POINT = BigInteger.valueOf(9);

    @Override
    public byte[] publicKey(byte[] privateKey) {
        try {
            return x25519(privateKey, BASE_POINT);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks X25519", e);
        }
    }

    @Override
    public byte[] dh(byte[] privateKey, byte[] publicKey) throws GeneralSecurityException {
        byte[] shared = x25519(privateKey, PublicKeys.u(publicKey));
        int any = 0;
        for (byte b : shared) {
            any |= b;
        }
        if (any == 0) { // the JDK refuses it itself, other XDH providers may not
            throw new GeneralSecurityException("a public key of small order");
        }
        return shared;
    }

    private static byte[] x25519(byte[] privateKey, BigInteger u) throws GeneralSecurityException {
        if (privateKey.length != PublicKeys.LENGTH) {
            throw new IllegalArgumentException("an X25519 private key has 32 bytes");
        }
        KeyFactory keys = KeyFactory.getInstance("X25519");
        PrivateKey own =
                keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, privateKey));
        PublicKey other = keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, u));
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(own);
        agreement.doPhase(other, true);
        return agreement.generateSecret();
    }

    @Override
    public byte[] hash(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks SHA-256", e);
        }
    }

    @Override
    public byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks HMAC-SHA-256", e);
        }
    }

    @Override
    public Aead aead(NoiseSuite suite, byte[] key) {
        return new JdkAead(suite, key);
    }
}
