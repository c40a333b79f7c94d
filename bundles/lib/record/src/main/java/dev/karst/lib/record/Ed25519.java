// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.record;

import dev.karst.PeerId;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;

/** Ed25519 (RFC 8032) by the JDK, on raw keys: seeds and public keys of 32 bytes. */
public final class Ed25519 {
    private Ed25519() {}

    /** A fresh key pair: seed and public key. */
    public record Pair(byte[] seed, byte[] publicKey) {
        @Override
        public String toString() {
            return "Ed25519.Pair[...]";
        }
    }

    public static Pair generate(SecureRandom random) {
        try {
            KeyPairGenerator g = KeyPairGenerator.getInstance("Ed25519");
            g.initialize(NamedParameterSpec.ED25519, random);
            KeyPair pair = g.generateKeyPair();
            byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
            return new Pair(seed, raw(((EdECPublicKey) pair.getPublic()).getPoint()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks Ed25519", e);
        }
    }

    public static byte[] sign(byte[] seed, byte[]... parts) {
        try {
            PrivateKey key =
                    KeyFactory.getInstance("Ed25519")
                            .generatePrivate(
                                    new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
            Signature s = Signature.getInstance("Ed25519");
            s.initSign(key);
            for (byte[] part : parts) {
                s.update(part);
            }
            return s.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 signing failed", e);
        }
    }

    /** False for a bad signature and for a key that is no point of the curve. */
    public static boolean verify(PeerId signer, byte[] signature, byte[]... parts) {
        try {
            Signature s = Signature.getInstance("Ed25519");
            s.initVerify(
                    KeyFactory.getInstance("Ed25519")
                            .generatePublic(
                                    new EdECPublicKeySpec(
                                            NamedParameterSpec.ED25519, point(signer.bytes()))));
            for (byte[] part : parts) {
                s.update(part);
            }
            return s.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** RFC 8032 section 5.1.2: y little-endian, the sign of x in the topmost bit. */
    private static byte[] raw(EdECPoint p) {
        byte[] out = new byte[32];
        byte[] y = p.getY().toByteArray();
        for (int i = 0; i < y.length && i < 32; i++) {
            out[i] = y[y.length - 1 - i];
        }
        if (p.isXOdd()) {
            out[31] |= (byte) 0x80;
        }
        return out;
    }

    private static EdECPoint point(byte[] raw) {
        boolean odd = (raw[31] & 0x80) != 0;
        byte[] y = new byte[32];
        for (int i = 0; i < 32; i++) {
            y[i] = raw[31 - i];
        }
        y[0] &= 0x7f;
        return new EdECPoint(odd, new BigInteger(1, y));
    }
}
