// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.core.world.Log;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Writes down every lease that may stand on a router: those held, and those on their way back. */
final class Ledger {
    private final LeaseStore store;

    Ledger(LeaseStore store) {
        this.store = store;
    }

    List<Held> load() {
        return store.load();
    }

    void save(List<Held> closing, Collection<Claim> claims) {
        List<Held> all = new ArrayList<>(closing);
        for (Claim c : claims) {
            if (c.held != null) {
                all.add(c.held);
            }
        }
        try {
            store.save(all);
        } catch (IOException | RuntimeException e) { // a lease has data of a provider in it
            Log.of(Ledger.class)
                    .log(
                            System.Logger.Level.WARNING,
                            "cannot keep the lease ledger ({0}): after a crash, ports may stay open"
                                    + " until their leases end",
                            e.toString());
        }
    }
}
