// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.turn.RestCredential;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who may use a relay: users with fixed passwords, and names with an expiry whose passwords follow
 * from a secret ({@code use-auth-secret} of coturn, the "TURN REST API"). Without either nobody
 * may.
 */
public final class TurnUsers {
    private final Map<String, String> fixed;
    private final Optional<String> secret;
    private final Set<String> revoked;

    /**
     * Users.
     *
     * @param fixed passwords by name
     * @param secret of time-limited names; empty for none
     * @param revoked names, or what follows the colon in time-limited ones, that are refused
     */
    public TurnUsers(Map<String, String> fixed, Optional<String> secret, Set<String> revoked) {
        this.fixed = Map.copyOf(fixed);
        this.secret = secret.filter(s -> !s.isEmpty());
        this.revoked = Set.copyOf(revoked);
    }

    /** Whether there is anybody. */
    public boolean any() {
        return !fixed.isEmpty() || secret.isPresent();
    }

    /**
     * The password of a user; nothing if unknown, expired or revoked.
     *
     * @param epochSeconds now, by the wall clock
     */
    Optional<String> password(String name, long epochSeconds) {
        if (revoked.contains(name) || revoked.contains(account(name))) {
            return Optional.empty();
        }
        String own = fixed.get(name);
        if (own != null) {
            return Optional.of(own);
        }
        return secret.filter(s -> RestCredential.expiry(name).orElse(0) > epochSeconds)
                .map(s -> RestCredential.password(s, name));
    }

    /** What quotas count: the name without its expiry. */
    String account(String name) {
        int colon = name.indexOf(':');
        boolean timed = !fixed.containsKey(name) && colon >= 0 && colon + 1 < name.length();
        return timed && RestCredential.expiry(name).isPresent() ? name.substring(colon + 1) : name;
    }
}
