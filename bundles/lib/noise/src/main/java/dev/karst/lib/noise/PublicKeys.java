// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.math.BigInteger;
import java.util.Set;

/** What is known of X25519 public keys before any private key touches them. */
final class PublicKeys {
    static final int LENGTH = 32;

    private static final BigInteger P =
            BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));

    /** The points whose order divides 8, on the curve and on its twist (RFC 7748 section 7). */
    private static final Set<BigInteger> SMALL_ORDER =
            Set.of(
                    BigInteger.ZERO,
                    BigInteger.ONE,
                    P.subtract(BigInteger.ONE),
                    new BigInteger(
                            "3256062509165574317959836263561106"
                                    + "31294008115727848805560023387167927233504"),
                    new BigInteger(
                            "3938235723548961458172306078155302"
                                    + "1112529911719440698176882885853963445705823"));

    private PublicKeys() {}

    /** The coordinate: little-endian, the topmost bit ignored, reduced (RFC 7748 section 5). */
    static BigInteger u(byte[] publicKey) {
        if (publicKey.length != LENGTH) {
            throw new IllegalArgumentException("an X25519 public key has 32 bytes");
        }
        byte[] bigEndian = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            bigEndian[i] = publicKey[LENGTH - 1 - i];
        }
        bigEndian[0] &= 0x7f;
        return new BigInteger(1, bigEndian).mod(P);
    }

    /**
     * Whether X25519 with this key is zero for every private key. Such a key is refused as soon as
     * it is read, so that a later {@code write} can not fail because of what a peer sent.
     */
    static boolean smallOrder(byte[] publicKey) {
        return SMALL_ORDER.contains(u(publicKey));
    }
}
