// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.net;

import java.nio.channels.SelectableChannel;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Turns the core's sockets: waits for readiness of JDK channels and calls the core on its event
 * loops.
 *
 * <p>A driver holds no bytes, only registrations: the core reads, writes and closes the channels
 * itself. So a channel can be taken from one driver and given to another at any moment, with its
 * connection and NAT mapping alive and nothing lost between two records.
 */
@ConsumerType
public interface NetDriver {
    /**
     * Takes a non-blocking channel under care; its interest set is empty at first. Called by the
     * core on any thread.
     *
     * @throws IllegalStateException if the driver is stopped
     */
    Drive drive(SelectableChannel channel, Readiness readiness);

    /** One channel under care. */
    @ConsumerType
    interface Drive {
        /**
         * Sets the interest set ({@link java.nio.channels.SelectionKey} bits). Any thread. If it
         * throws, the core says it again every 50 ms and turns the channel itself meanwhile.
         */
        void interest(int ops);

        /** Runs a task on the loop that turns this channel, in order; dropped after release. */
        void execute(Runnable task);

        /** Whether the calling thread is that loop. */
        boolean inLoop();

        /**
         * Gives the channel back without closing it.
         *
         * @return completes when no further call about this channel can come and the channel can be
         *     registered elsewhere
         */
        CompletionStage<Void> release();
    }

    /** What the core is told, on the loop of the channel, one call at a time. */
    @ProviderType
    interface Readiness {
        /** The channel is ready for these operations. */
        void ready(int ops);
    }
}
