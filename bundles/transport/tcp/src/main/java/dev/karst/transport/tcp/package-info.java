// SPDX-License-Identifier: Apache-2.0
/**
 * Carries frames over TCP.
 *
 * <pre>
 *  0               1               2               3               4
 * +---------------+---------------+---------------+---------------+--------- - -
 * |            length, 32 bits, big-endian: 1 to 65,792           |  the frame
 * +---------------+---------------+---------------+---------------+--------- - -
 * </pre>
 *
 * Nothing else is on the wire: no preface, for the core's first frame says what is spoken.
 */
package dev.karst.transport.tcp;
