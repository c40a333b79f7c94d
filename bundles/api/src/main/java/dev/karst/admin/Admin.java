// SPDX-License-Identifier: Apache-2.0
package dev.karst.admin;

import dev.karst.NatInfo;
import dev.karst.PortInfo;
import dev.karst.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** Operator's view of the node; a service of its own, not for applications. Thread-safe. */
@ProviderType
public interface Admin {
    /** All providers that the core knows now, by kind and generation. */
    List<ProviderInfo> providers();

    /**
     * Stops new use of a provider and moves what hangs on it to others of its kind; never closes
     * anything.
     *
     * @return completes when nothing hangs on it any more, or at {@code limit} with what remains
     */
    CompletionStage<DrainResult> drain(ProviderRef provider, Duration limit);

    /** Takes a provider back into use. Unknown or undrained ones are left alone. */
    void undrain(ProviderRef provider);

    /** What is known of the NAT in front of this node; returns at once. */
    NatInfo nat();

    /**
     * Finds out again what stands in front of this node.
     *
     * @return completes with what was found; fails with a {@link dev.karst.KarstException} where no
     *     detector is installed or none could try
     */
    CompletionStage<NatInfo> detectNat();

    /** The ports that should be open on the router, and how it stands with them. */
    List<PortInfo> ports();

    /** Counters by name (drops, rejects, abandoned calls …), since the node started. */
    Map<String, Long> counters();

    /** The settings in force, by PID-less name, secrets left out. */
    Map<String, String> settings();

    /** Adds a peer to those that {@code directory.fixed} and connect know, until the node stops. */
    Subscription introduce(dev.karst.PeerAddress address);

    /** What is left on a provider after a drain; empty lists when it is free. */
    record DrainResult(boolean drained, List<String> remaining) {
        public DrainResult {
            remaining = List.copyOf(remaining);
        }
    }
}
