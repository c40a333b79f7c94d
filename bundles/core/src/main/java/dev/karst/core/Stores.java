// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.core.connect.Publisher;
import dev.karst.core.identity.KeyStore;
import dev.karst.core.ports.Held;
import dev.karst.core.ports.LeaseStore;
import dev.karst.core.ports.LeaseText;
import java.io.IOException;
import java.util.List;

/** What the node remembers beside its keys, in the same directory. */
final class Stores {
    private Stores() {}

    static Publisher.NumberStore numbers(KeyStore store) {
        return new Publisher.NumberStore() {
            @Override
            public long load() {
                return store.recordNumber();
            }

            @Override
            public void save(long number) throws IOException {
                store.recordNumber(number);
            }
        };
    }

    static LeaseStore leases(KeyStore store) {
        return new LeaseStore() {
            @Override
            public List<Held> load() {
                return LeaseText.read(store.leases());
            }

            @Override
            public void save(List<Held> held) throws IOException {
                store.leases(LeaseText.write(held));
            }
        };
    }
}
