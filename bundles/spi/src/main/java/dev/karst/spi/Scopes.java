// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A service of the core for bundles that are no providers but need sockets and timers for as long
 * as they run, such as gateways.
 */
@ProviderType
public interface Scopes {
    /**
     * Opens a scope without deadline.
     *
     * @param owner shown to operators, such as {@code tunnel}
     */
    Owned open(String owner);

    /** A scope and the right to end it. */
    @ProviderType
    interface Owned extends AutoCloseable {
        Scope scope();

        /** Cancels the scope and closes its sockets; does not block. */
        @Override
        void close();
    }
}
