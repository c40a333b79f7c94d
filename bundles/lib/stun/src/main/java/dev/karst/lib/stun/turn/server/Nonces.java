// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.NonceCookie;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Nonces without memory: the time and a MAC over it and the client's IP address. One nonce serves
 * all ports of a client, so that a new socket can skip the first refusal.
 */
final class Nonces {
    /** No USERHASH: time-limited names cannot be found by it. */
    private static final int FEATURES = NonceCookie.PASSWORD_ALGORITHMS;

    private static final int MAC_BYTES = 8;

    private final Mac mac;
    private final long origin;
    private final int lifetime;

    /**
     * Nonces of one server.
     *
     * @param key random, of this start
     * @param now nanoseconds; nonces count seconds from here
     * @param lifetime in seconds
     */
    Nonces(byte[] key, long now, int lifetime) {
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
        origin = now;
        this.lifetime = lifetime;
    }

    String issue(InetAddress client, long now) {
        return issue(client, (int) ((now - origin) / 1_000_000_000));
    }

    private String issue(InetAddress client, int second) {
        mac.update(ByteBuffer.allocate(4).putInt(second).array());
        byte[] tag = Arrays.copyOf(mac.doFinal(client.getAddress()), MAC_BYTES);
        byte[] raw = ByteBuffer.allocate(4 + MAC_BYTES).putInt(second).put(tag).array();
        return NonceCookie.nonce(FEATURES, Base64.getEncoder().encodeToString(raw));
    }

    /** Whether it was issued to that address and is fresh. */
    boolean valid(String nonce, InetAddress client, long now) {
        int prefix = NonceCookie.nonce(FEATURES, "").length();
        if (nonce.length() != prefix + 16) {
            return false;
        }
        int second;
        try {
            byte[] raw = Base64.getDecoder().decode(nonce.substring(prefix));
            second = ByteBuffer.wrap(raw).getInt();
        } catch (IllegalArgumentException e) {
            return false;
        }
        boolean ours =
                MessageDigest.isEqual(
                        issue(client, second).getBytes(StandardCharsets.UTF_8),
                        nonce.getBytes(StandardCharsets.UTF_8));
        long age = (now - origin) / 1_000_000_000 - second;
        return ours && age >= 0 && age <= lifetime;
    }
}
