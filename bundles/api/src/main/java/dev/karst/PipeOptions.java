// SPDX-License-Identifier: Apache-2.0
package dev.karst;

/**
 * Settings of one pipe.
 *
 * @param window bytes this side lets the peer send ahead of the reader, and bytes this side keeps
 *     for replay; of datagrams, bytes that wait for the reader. 64 KiB to 16 MiB. The node's limits
 *     may lower it.
 */
public record PipeOptions(int window) {
    private static final PipeOptions DEFAULTS = new PipeOptions(2 << 20);

    public PipeOptions {
        if (window < 64 << 10 || window > 16 << 20) {
            throw new IllegalArgumentException("window must be 64 KiB to 16 MiB: " + window);
        }
    }

    /** A window of 2 MiB. */
    public static PipeOptions defaults() {
        return DEFAULTS;
    }
}
