// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Time-limited credentials from a shared secret, as coturn's {@code use-auth-secret} (the expired
 * draft-uberti-behave-turn-rest): the name is {@code expiry} or {@code expiry:id} with the expiry
 * in seconds since 1970, the password {@code base64(HMAC-SHA1(secret, name))}.
 *
 * @param user the name
 * @param password of it
 */
public record RestCredential(String user, String password) {
    /** A credential until then. */
    public static RestCredential of(String secret, long expirySeconds, String id) {
        String user = id.isEmpty() ? "" + expirySeconds : expirySeconds + ":" + id;
        return new RestCredential(user, password(secret, user));
    }

    /** The password of such a name. */
    public static String password(String secret, String user) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
            byte[] out = mac.doFinal(user.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(out);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA1", e);
        }
    }

    /** When such a name expires, in seconds since 1970; nothing if it is none. */
    public static OptionalLong expiry(String user) {
        int colon = user.indexOf(':');
        String digits = colon < 0 ? user : user.substring(0, colon);
        if (digits.isEmpty() || digits.length() > 18) {
            return OptionalLong.empty();
        }
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
                return OptionalLong.empty();
            }
        }
        return OptionalLong.of(Long.parseLong(digits));
    }

    @Override
    public String toString() {
        return user; // never the password
    }
}
