// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What each side's checks are signed with, from the attempt's id: docs/wire.md, "Predicted ports".
 * The user name is the core's own, since it tells our datagrams apart by it.
 */
record Credentials(String user, byte[] key) {
    static Credentials of(String attempt, boolean initiator) {
        String role = initiator ? "initiator" : "responder";
        return new Credentials(
                HexFormat.of().formatHex(hash(attempt, "karst ice ufrag " + role), 0, 4),
                hash(attempt, "karst predict key " + role));
    }

    private static byte[] hash(String attempt, String label) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(attempt), "HmacSHA256"));
            return mac.doFinal(label.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }
}
