// SPDX-License-Identifier: Apache-2.0
/**
 * Carries frames over QUIC version 1 (RFC 9000), on datagram flows.
 *
 * <pre>
 *  QUIC connection: ALPN karst/1, TLS 1.3, throw-away certificates of both sides
 *    bidirectional stream, one for each lane and opener:
 *      opener:  | lane (1) | length (4) | frame | length (4) | frame …
 *      other:              | length (4) | frame | length (4) | frame …
 *      lane 0, the end of a path:  … | 0 (4) | streams that end (1) |
 * </pre>
 */
package dev.karst.transport.quic;
