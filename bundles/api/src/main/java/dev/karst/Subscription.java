// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import org.osgi.annotation.versioning.ProviderType;

/** Ends what it was returned for. Closing twice does nothing; never blocks, never throws. */
@ProviderType
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
