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

    /**
     * Takes a drained or quarantined provider back into use. Unknown ones, and those in use, are
     * left alone.
     */
    void undrain(ProviderRef provider);

    /**
     * Announces a bundle whose providers are to prove themselves first. Those that come after this
     * call serve only a share of the peers, always the same ones (chosen by PeerId), if an older
     * provider of the same kind and name is there to serve the others; work that fails on trial is
     * tried again with the older one, where the kind allows it. A share concerns traversal,
     * transport and crypto, which work for one peer at a time; other kinds are not held back.
     *
     * @param bundle symbolic name and version, with a space between
     * @param share of the peers, above 0 and at most 1
     * @return ends the trial: from then on the providers serve all, the newest before older ones.
     *     Before its bundle is stopped again, drain a provider that is to be withdrawn
     */
    Subscription tryOut(String bundle, double share);

    /**
     * Looks for new paths to the peers that providers on trial serve, beside those they have, so
     * that there is something to judge by. Sessions keep their path unless the new one is better.
     *
     * @return how many peers are tried
     */
    int exercise();

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
