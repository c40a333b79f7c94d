// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.registry;

import dev.karst.admin.ProviderInfo;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** Counts how the work of a provider went. Thread-safe. */
public final class Score {
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();

    /** One piece of work is over. */
    public void count(boolean success) {
        (success ? succeeded : failed).increment();
    }

    /** For people, with the round trip of the paths that hang on the provider. */
    public ProviderInfo.Score with(Duration roundTrip) {
        return new ProviderInfo.Score(succeeded.sum(), failed.sum(), roundTrip);
    }
}
