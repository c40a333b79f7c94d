// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.transport;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Carries frames between two endpoints. Service properties: {@code karst.name}, {@code
 * karst.scheme}. Called by the core on a thread of the provider.
 */
@ConsumerType
public interface Transport {
    /**
     * Listens until the scope is cancelled or the result is closed.
     *
     * @param at where; port 0 picks one
     * @param acceptor told of every inbound path
     * @return completes when it listens; fails with {@link java.io.IOException} (port in use …)
     */
    CompletionStage<Listening> listen(Endpoint at, PathAcceptor acceptor, Scope scope);

    /**
     * Opens a path. Cancelling the scope before it completes ends the try and leaves nothing; after
     * that the path is the caller's, and cancelling closes it.
     *
     * @return fails with {@link java.io.IOException}: refused, unreachable, timed out
     */
    CompletionStage<Path> dial(Endpoint to, Scope scope);
}
