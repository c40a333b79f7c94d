// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import dev.karst.lib.ice.IceCredentials;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What each side's ICE credentials are, from the attempt's id: docs/wire.md, "UDP punching". */
final class Credentials {
    private Credentials() {}

    static IceCredentials of(String attempt, boolean initiator) {
        String role = initiator ? "initiator" : "responder";
        return new IceCredentials(
                hex(attempt, "karst ice ufrag " + role).substring(0, 8),
                hex(attempt, "karst ice pwd " + role).substring(0, 32));
    }

    private static String hex(String attempt, String label) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(attempt), "HmacSHA256"));
            byte[] out = mac.doFinal(label.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(out);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }
}
