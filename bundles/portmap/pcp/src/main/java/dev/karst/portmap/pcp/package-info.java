// SPDX-License-Identifier: Apache-2.0
/**
 * PCP, RFC 6887. All numbers are big endian; IPv4 addresses are written as ::ffff:a.b.c.d; R is 0
 * in requests and 1 in responses.
 *
 * <pre>
 * request                                     response
 *  version 2 | R opcode | reserved, 16         version 2 | R opcode | reserved, 8 | result, 8
 *  lifetime in seconds, 32                     lifetime in seconds, 32
 *  address of the client, 128                  seconds of the epoch, 32 | reserved, 96
 * MAP (1), after either; also the beginning of PEER (2)
 *  nonce, 96
 *  protocol, 8 | reserved, 24
 *  internal port, 16 | external port, 16       (in requests: suggested)
 *  external address, 128
 * PEER, after that
 *  remote port, 16 | reserved, 16
 *  remote address, 128
 * options, after that
 *  code, 8 | reserved, 8 | length, 16 | data, padded to a multiple of 4
 * </pre>
 */
package dev.karst.portmap.pcp;
