// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The user name fragment of a side: docs/wire.md, "UDP punching". */
final class Users {
    private Users() {}

    static String of(String attempt, boolean initiator) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(attempt), "HmacSHA256"));
            String label = "karst ice ufrag " + (initiator ? "initiator" : "responder");
            byte[] hash = mac.doFinal(label.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }
}
