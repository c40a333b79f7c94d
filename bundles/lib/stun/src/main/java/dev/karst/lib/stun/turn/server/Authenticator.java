// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.PasswordAlgorithm;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunKeys;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Long-term credentials, RFC 8489 section 9.2.4, with MD5 or SHA-256 as the client chooses. */
final class Authenticator {
    private static final List<PasswordAlgorithm> OFFERED =
            List.of(PasswordAlgorithm.SHA256, PasswordAlgorithm.MD5);

    private final TurnSettings settings;
    private final Nonces nonces;
    private final LongSupplier epochSeconds;

    /** Who asks, proven; how to seal the answer. */
    record Proven(String user, byte[] key, boolean sha256) {
        byte[] seal(StunMessageBuilder b, StunMessage request) {
            StunMessageBuilder sealed = sha256 ? b.integritySha256(key) : b.integrity(key);
            boolean print = request.has(StunAttributes.FINGERPRINT);
            return (print ? sealed.fingerprint() : sealed).build().bytes();
        }
    }

    /** One of them: who it is, or what to answer. */
    record Outcome(Optional<Proven> proven, StunError error) {
        static Outcome no(StunError error) {
            return new Outcome(Optional.empty(), error);
        }
    }

    Authenticator(TurnSettings settings, Nonces nonces, LongSupplier epochSeconds) {
        this.settings = settings;
        this.nonces = nonces;
        this.epochSeconds = epochSeconds;
    }

    Outcome check(StunMessage m, InetAddress client, long now) {
        if (!m.hasIntegrity()) {
            return Outcome.no(StunError.UNAUTHENTICATED);
        }
        Optional<String> nonce = m.get(StunAttributes.NONCE);
        Optional<String> user = m.get(StunAttributes.USERNAME);
        if (user.isEmpty() || nonce.isEmpty() || !m.has(StunAttributes.REALM)) {
            return Outcome.no(StunError.BAD_REQUEST);
        }
        if (!nonces.valid(nonce.get(), client, now)) {
            return Outcome.no(StunError.STALE_NONCE);
        }
        boolean told = m.has(StunAttributes.PASSWORD_ALGORITHMS);
        Optional<PasswordAlgorithm> chosen = m.get(StunAttributes.PASSWORD_ALGORITHM);
        // Our nonce says that both are known: one without the other was tampered with.
        if (told != m.has(StunAttributes.PASSWORD_ALGORITHM)
                || told
                        && (!m.get(StunAttributes.PASSWORD_ALGORITHMS).equals(Optional.of(OFFERED))
                                || chosen.isEmpty()
                                || !OFFERED.contains(chosen.get()))) {
            return Outcome.no(StunError.BAD_REQUEST);
        }
        Optional<String> password =
                user.flatMap(u -> settings.users().password(u, epochSeconds.getAsLong()));
        // Unknown users cost as much as wrong passwords.
        Optional<byte[]> key =
                key(user.orElse("-"), password.orElse("-"), chosen.orElse(PasswordAlgorithm.MD5));
        boolean sha256 = m.has(StunAttributes.MESSAGE_INTEGRITY_SHA256);
        boolean right =
                key.isPresent()
                        && m.get(StunAttributes.REALM).equals(Optional.of(settings.realm()))
                        && (sha256 ? m.integritySha256(key.get()) : m.integrity(key.get()));
        return right && password.isPresent()
                ? new Outcome(Optional.of(new Proven(user.get(), key.get(), sha256)), null)
                : Outcome.no(StunError.UNAUTHENTICATED);
    }

    private Optional<byte[]> key(String user, String password, PasswordAlgorithm algorithm) {
        try {
            return Optional.of(StunKeys.longTerm(user, settings.realm(), password, algorithm));
        } catch (IllegalArgumentException e) { // forbidden characters
            return Optional.empty();
        }
    }

    /** The answer that asks for credentials: 401 or 438. */
    byte[] challenge(StunMessage m, StunError error, InetAddress client, long now) {
        return m.reply(StunClass.ERROR)
                .with(StunAttributes.ERROR_CODE, error)
                .with(StunAttributes.REALM, settings.realm())
                .with(StunAttributes.NONCE, nonces.issue(client, now))
                .with(StunAttributes.PASSWORD_ALGORITHMS, OFFERED)
                .build()
                .bytes();
    }
}
