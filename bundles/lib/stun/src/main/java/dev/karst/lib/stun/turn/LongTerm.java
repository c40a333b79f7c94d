// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn;

import dev.karst.lib.stun.NonceCookie;
import dev.karst.lib.stun.PasswordAlgorithm;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunKeys;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import java.util.List;
import java.util.Optional;

/** The client's long-term credential, RFC 8489 section 9.2.3: SHA-256 where offered, else MD5. */
final class LongTerm {
    private final RestCredential account;
    private String realm;
    private String nonce;
    private List<PasswordAlgorithm> offered = List.of();
    private byte[] key;

    LongTerm(RestCredential account) {
        this.account = account;
    }

    boolean challenged() {
        return key != null;
    }

    private boolean sha256() {
        return offered.contains(PasswordAlgorithm.SHA256);
    }

    /** Takes a 401 or 438; false if it is of no use. */
    boolean challenge(StunMessage m) {
        Optional<String> n = m.get(StunAttributes.NONCE);
        Optional<String> r = m.get(StunAttributes.REALM);
        if (n.isEmpty() || r.isEmpty() && realm == null) {
            return false;
        }
        List<PasswordAlgorithm> list = m.get(StunAttributes.PASSWORD_ALGORITHMS).orElse(List.of());
        boolean promised =
                (NonceCookie.features(n.get()).orElse(0) & NonceCookie.PASSWORD_ALGORITHMS) != 0;
        if (promised && list.isEmpty()) {
            return false; // somebody on the way bids us down to MD5
        }
        boolean same = key != null && r.orElse(realm).equals(realm) && list.equals(offered);
        nonce = n.get();
        realm = r.orElse(realm);
        offered = list;
        if (!same) {
            PasswordAlgorithm a = sha256() ? PasswordAlgorithm.SHA256 : PasswordAlgorithm.MD5;
            key = StunKeys.longTerm(account.user(), realm, account.password(), a);
        }
        return true;
    }

    StunMessage seal(StunMessageBuilder b) {
        if (key == null) {
            return b.build();
        }
        b.with(StunAttributes.USERNAME, account.user())
                .with(StunAttributes.REALM, realm)
                .with(StunAttributes.NONCE, nonce);
        if (offered.isEmpty()) {
            return b.integrity(key).build();
        }
        boolean strong = sha256();
        b.with(StunAttributes.PASSWORD_ALGORITHMS, offered)
                .with(
                        StunAttributes.PASSWORD_ALGORITHM,
                        strong ? PasswordAlgorithm.SHA256 : PasswordAlgorithm.MD5);
        return (strong ? b.integritySha256(key) : b.integrity(key)).build();
    }

    /** Whether the answer is the server's; one without proof only where that is allowed. */
    boolean proven(StunMessage answer, boolean needed) {
        if (key == null || !answer.hasIntegrity()) {
            return !needed;
        }
        return answer.has(StunAttributes.MESSAGE_INTEGRITY_SHA256)
                ? answer.integritySha256(key)
                : answer.integrity(key);
    }
}
