// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.relay;

import dev.karst.spi.Scope;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Reserves addresses at relays; which relays, and with what credentials, is its own setting. Called
 * by the core on a thread of the provider. Service property: {@code karst.name}.
 */
@ConsumerType
public interface RelayProvider {
    /** Of the relayed address. */
    enum Family {
        IPV4,
        IPV6
    }

    /**
     * Reserves an address at the relay that answers first.
     *
     * @param scope lives as long as the reservation; cancelling it gives the address back
     * @return fails with a {@link dev.karst.KarstException} that says what each relay answered:
     *     unreachable, refused credentials, quota
     */
    CompletionStage<RelaySocket> reserve(Family family, Scope scope);
}
