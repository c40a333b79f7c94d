// SPDX-License-Identifier: Apache-2.0
/**
 * NAT-PMP, RFC 6886. All numbers are big endian; an answer's code is the question's plus 128.
 *
 * <pre>
 * external address                      mapping
 *  version 0 | code 0                    version 0 | code 1 UDP, 2 TCP | reserved, 16
 *                                        internal port, 16 | suggested external port, 16
 *                                        lifetime in seconds, 32
 * answered by
 *  version 0 | code 128 | result, 16     version 0 | code 129, 130 | result, 16
 *  seconds of the epoch, 32              seconds of the epoch, 32
 *  IPv4 address, 32                      internal port, 16 | external port, 16
 *                                        lifetime in seconds, 32
 * </pre>
 */
package dev.karst.portmap.natpmp;
