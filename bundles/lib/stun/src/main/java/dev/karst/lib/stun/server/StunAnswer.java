// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.server;

import java.net.InetSocketAddress;

/**
 * What to send.
 *
 * @param end index of the socket to send from
 * @param to where to
 * @param bytes what
 */
public record StunAnswer(int end, InetSocketAddress to, byte[] bytes) {}
