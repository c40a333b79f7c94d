// SPDX-License-Identifier: Apache-2.0
/**
 * Shell commands from outside, over a Unix domain socket that only this user can reach.
 *
 * <pre>
 *   client  → one line of UTF-8, at most 64 KiB, ended by '\n'
 *   server  → frames
 *             'O' length:4 bytes      standard output
 *             'E' length:4 bytes      standard error
 *             'X' status:1            the last frame; 0 = done, 1 = failed
 * </pre>
 *
 * Lengths are big-endian, 0 to 65,536. A client that closes its side interrupts its command.
 */
package dev.karst.server.exec;
