// SPDX-License-Identifier: Apache-2.0
/**
 * The signed, public record of a peer and the signatures under its keys. Pure; copied privately
 * into each bundle that uses it.
 *
 * <pre>
 *  record   magic "KR" | version 1 (1) | PeerId (32) | number (8) | lifetime s (4)
 *           | handshake certificate (104) | seal certificate (104)
 *           | count (1) | count x { length (2) | endpoint, UTF-8 } | signature (64)
 *  certificate   key (32) | number (8) | signature (64)
 * </pre>
 *
 * All numbers are big-endian. The record signature covers {@code "karst record 1"} and every byte
 * before it; a certificate's covers {@code "karst key 1 <purpose>"}, PeerId, key and number.
 */
package dev.karst.lib.record;
