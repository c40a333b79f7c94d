// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * A datagram of a peer, as the relay passed it on.
 *
 * @param peer whose source the relay saw
 * @param bytes a view of what was received, valid as long as that
 */
public record TurnData(InetSocketAddress peer, ByteBuffer bytes) {}
