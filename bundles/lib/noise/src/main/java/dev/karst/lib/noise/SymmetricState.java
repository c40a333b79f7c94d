// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;

/** Noise revision 34, section 5.2, with the CipherState (5.1) of the handshake in it. */
final class SymmetricState {
    private static final byte[] ONE = {1};
    private static final byte[] TWO = {2};

    private final NoisePrimitives primitives;
    private final NoiseSuite suite;
    private byte[] chainingKey;
    private byte[] hash;
    private Aead cipher;
    private long counter;

    SymmetricState(NoisePrimitives primitives, NoiseSuite suite, String protocolName) {
        this.primitives = primitives;
        this.suite = suite;
        byte[] name = protocolName.getBytes(StandardCharsets.US_ASCII);
        this.hash = name.length <= 32 ? Arrays.copyOf(name, 32) : primitives.hash(name);
        this.chainingKey = hash.clone();
    }

    void mixHash(byte[] data) {
        hash = primitives.hash(hash, data);
    }

    /** Wipes {@code material}. */
    void mixKey(byte[] material) {
        byte[][] keys = expand(material);
        Arrays.fill(material, (byte) 0);
        Arrays.fill(chainingKey, (byte) 0);
        chainingKey = keys[0];
        cipher = primitives.aead(suite, keys[1]);
        counter = 0;
        Arrays.fill(keys[1], (byte) 0);
    }

    boolean keyed() {
        return cipher != null;
    }

    byte[] encryptAndHash(byte[] plain) {
        byte[] sealed = plain;
        if (cipher != null) {
            sealed = new byte[plain.length + Aead.TAG];
            cipher.seal(counter++, hash, 0, hash.length, plain, 0, plain.length, sealed, 0);
        }
        mixHash(sealed);
        return sealed;
    }

    byte[] decryptAndHash(byte[] sealed) throws GeneralSecurityException {
        byte[] plain = sealed;
        if (cipher != null) {
            if (sealed.length < Aead.TAG) {
                throw new GeneralSecurityException("the message is cut off");
            }
            plain = new byte[sealed.length - Aead.TAG];
            if (!cipher.open(counter++, hash, 0, hash.length, sealed, 0, sealed.length, plain, 0)) {
                throw new GeneralSecurityException("the message does not authenticate");
            }
        }
        mixHash(sealed);
        return plain;
    }

    byte[] hash() {
        return hash.clone();
    }

    /** Split: the cipher of the initiator's direction, then the responder's. */
    Aead[] split() {
        byte[][] keys = expand(new byte[0]);
        Aead[] ciphers = {primitives.aead(suite, keys[0]), primitives.aead(suite, keys[1])};
        Arrays.fill(keys[0], (byte) 0);
        Arrays.fill(keys[1], (byte) 0);
        return ciphers;
    }

    /** Nothing but the hash is left. */
    void wipe() {
        Arrays.fill(chainingKey, (byte) 0);
        cipher = null;
    }

    /** HKDF with two outputs (section 4.3). */
    private byte[][] expand(byte[] material) {
        byte[] temporary = primitives.hmac(chainingKey, material);
        byte[] first = primitives.hmac(temporary, ONE);
        byte[] second = primitives.hmac(temporary, first, TWO);
        Arrays.fill(temporary, (byte) 0);
        return new byte[][] {first, second};
    }
}
