// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

/** Which valid pair the controlling side takes, and when: RFC 8445 section 8.1.1. */
final class Nomination {
    private final IceSettings settings;
    private final CheckList list;
    private Pair pair;
    private boolean directOnly;

    Nomination(IceSettings settings, CheckList list) {
        this.settings = settings;
        this.list = list;
    }

    void directOnly() {
        directOnly = true;
    }

    /** Whether a valid pair may still be chosen, by whoever chooses. */
    boolean possible() {
        return candidate() != null;
    }

    private Pair candidate() {
        Pair best = list.best().orElse(null);
        return best == null || directOnly && best.relayed() ? null : best;
    }

    boolean of(Pair p) {
        return p == pair;
    }

    /**
     * When the best pair so far has waited long enough for better ones; the end of time if none.
     */
    long due() {
        Pair best = candidate();
        if (pair != null || best == null) {
            return Long.MAX_VALUE;
        }
        if (!list.betterOpen(best)) {
            return 0;
        }
        return best.validAt
                + (best.relayed() ? settings.relayGrace() : settings.directGrace()).toNanos();
    }

    /** Asks for the check that nominates the best pair. */
    void begin() {
        pair = list.best().orElseThrow();
        pair.nominate = true;
        list.trigger(pair, true);
    }

    void drop() {
        if (pair != null) {
            pair.nominate = false;
            pair = null;
        }
    }
}
