// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Takes inbound pipes of a protocol. Called on a network thread after the policy admitted the peer;
 * must not block. If it throws, the pipe is reset and the error logged. A kind that is not
 * overridden is refused.
 */
@ConsumerType
public interface PipeAcceptor {
    default void stream(Peer peer, StreamPipe pipe) {
        pipe.close();
    }

    default void datagrams(Peer peer, DatagramPipe pipe) {
        pipe.close();
    }
}
