// SPDX-License-Identifier: Apache-2.0
package dev.karst;

/**
 * A pipe as seen now.
 *
 * @param id number within the session
 * @param stream true for a byte stream, false for datagrams
 * @param sent bytes (datagrams: count) given to the pipe by the application
 * @param acknowledged bytes the peer has confirmed; equals {@code sent} when nothing is pending
 * @param received bytes (datagrams: count) received in order
 */
public record PipeInfo(
        long id,
        ProtocolId protocol,
        boolean stream,
        PipeState state,
        long sent,
        long acknowledged,
        long received) {}
