// SPDX-License-Identifier: Apache-2.0
/**
 * TURN: the client's side (RFC 8656) without I/O, and what both sides share.
 *
 * <pre>
 * ChannelData, RFC 8656 section 12.4; over a stream padded to a multiple of 4
 * |0 1|    channel 0x4000-0x4fff  |  length of the data, without padding  |  data ...
 * </pre>
 */
package dev.karst.lib.stun.turn;
