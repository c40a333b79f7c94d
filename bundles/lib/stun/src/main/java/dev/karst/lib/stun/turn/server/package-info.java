// SPDX-License-Identifier: Apache-2.0
/**
 * The server's side of TURN (RFC 8656, 6062) without I/O: bytes and time in, bytes out. No clock,
 * no thread, no sockets; not thread-safe.
 *
 * <pre>
 *  client  --(TurnLink)--  TurnCore: Allocation  --(RelayPort)--  peers
 *          requests, ChannelData     permissions, channels, quota
 * </pre>
 */
package dev.karst.lib.stun.turn.server;
