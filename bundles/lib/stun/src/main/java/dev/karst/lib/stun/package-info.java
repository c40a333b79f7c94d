// SPDX-License-Identifier: Apache-2.0
/**
 * STUN as of RFC 8489, with the attributes of RFC 5780 (NAT behaviour), 8656 and 6062 (TURN), 8445
 * (ICE), and enough of RFC 3489 to answer old clients. Bytes in, bytes out; no I/O, threads, clock
 * or randomness.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |0 0|     type (method, class)  |  length of what follows the header, multiple of 4
 * |                   magic cookie 0x2112A442                     |
 * |                   transaction id, 12 bytes                    |
 * |        attribute type         |  length, without padding      |
 * |                   value, padded to a multiple of 4           ...
 * </pre>
 */
package dev.karst.lib.stun;
