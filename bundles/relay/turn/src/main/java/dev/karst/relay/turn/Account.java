// SPDX-License-Identifier: Apache-2.0
package dev.karst.relay.turn;

import dev.karst.lib.stun.turn.RestCredential;
import java.time.Clock;
import java.util.Optional;

/**
 * Name and password, or the secret that they are made of each time.
 *
 * @param user name, or the id in a time-limited one
 * @param password fixed
 * @param secret of time-limited ones
 */
record Account(String user, Optional<String> password, Optional<String> secret) {
    /** Longer than an allocation is kept by far; another is made with the next one. */
    private static final long SECONDS = 24 * 3600;

    static Account of(String user, String password, String secret) {
        if (password.isEmpty() == secret.isEmpty()) {
            throw new IllegalArgumentException("either .password or .secret is needed");
        }
        if (secret.isEmpty() && user.isEmpty()) {
            throw new IllegalArgumentException("user: missing");
        }
        return new Account(
                user,
                Optional.of(password).filter(p -> !p.isEmpty()),
                Optional.of(secret).filter(s -> !s.isEmpty()));
    }

    RestCredential credential(Clock clock) {
        return secret.map(
                        s -> RestCredential.of(s, clock.instant().getEpochSecond() + SECONDS, user))
                .orElseGet(() -> new RestCredential(user, password.orElseThrow()));
    }

    @Override
    public String toString() {
        return user;
    }
}
