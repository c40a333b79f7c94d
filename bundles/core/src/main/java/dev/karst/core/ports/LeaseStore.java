// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import java.io.IOException;
import java.util.List;

/** Keeps the leases across a crash, so that no orphan stays behind on a router. */
public interface LeaseStore {
    /** What was saved last; damaged entries are left out. */
    List<Held> load();

    void save(List<Held> held) throws IOException;

    /** Of a node that keeps nothing. */
    static LeaseStore none() {
        return new LeaseStore() {
            @Override
            public List<Held> load() {
                return List.of();
            }

            @Override
            public void save(List<Held> held) {}
        };
    }
}
