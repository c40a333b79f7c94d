// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import io.netty.handler.codec.quic.Quic;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.util.Optional;

/** The native part of Netty's QUIC codec. It belongs to Netty's class loader and stays with it. */
final class Natives {
    private Natives() {}

    /** Why QUIC cannot work here; empty if it can. Loads it the first time: some 300 ms. */
    static Optional<IOException> missing() {
        return Quic.isAvailable()
                ? Optional.empty()
                : Optional.of(
                        new IOException(
                                "QUIC has no native part for "
                                        + PlatformDependent.normalizedOs()
                                        + " "
                                        + PlatformDependent.normalizedArch(),
                                Quic.unavailabilityCause()));
    }
}
