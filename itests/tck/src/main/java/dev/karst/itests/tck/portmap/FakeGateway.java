// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.portmap;

import dev.karst.spi.net.Network;
import dev.karst.spi.portmap.PortRequest;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A router on this machine that speaks one protocol, as far as the contract needs it. What it is
 * told takes effect for what reaches it later.
 */
public interface FakeGateway extends AutoCloseable {
    /** From this external port on, it gives another, below it, than was asked for. */
    int TAKEN = 60_000;

    /** How this machine reaches it. */
    Network.Gateway route();

    /** An address of this machine that it maps to. */
    InetSocketAddress internal(int port);

    /** What it maps now. */
    List<Mapping> mappings();

    /** How it behaves from now on; {@link Manner#ANSWERS} in the beginning. */
    void manner(Manner manner);

    /** Loses its mappings, as by a power cut. */
    void forget();

    @Override
    void close();

    /** What it does with requests. */
    enum Manner {
        /** Grants what is asked for; but another port instead of any at or above {@link #TAKEN}. */
        ANSWERS,
        /** Hears nothing. */
        SILENT,
        /**
         * Hears nothing yet: carries out and answers when the manner changes to ANSWERS, whoever
         * waits for it still.
         */
        LATE,
        /** Answers, to finding it, too, if it can tell that there, that it will not do it. */
        REFUSES
    }

    /** A mapping that it made. */
    record Mapping(PortRequest.Protocol protocol, InetSocketAddress internal, int externalPort) {}
}
