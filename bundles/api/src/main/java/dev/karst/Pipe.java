// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** What the application holds. Survives the loss of paths and the replacement of providers. */
@ProviderType
public interface Pipe extends AutoCloseable {
    ProtocolId protocol();

    PeerId peer();

    PipeState state();

    /**
     * Completes when the pipe is over: normally when both directions finished or {@link #close} was
     * called, else exceptionally with the {@link KarstException} that ended it.
     */
    CompletionStage<Void> closed();

    /**
     * Aborts both directions: the other side sees {@code RESET}. Does not block; repeats are
     * no-ops.
     */
    @Override
    void close();
}
