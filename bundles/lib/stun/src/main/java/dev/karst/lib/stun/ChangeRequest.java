// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

/**
 * The value of CHANGE-REQUEST, RFC 5780 section 7.2: from where the answer shall come.
 *
 * @param ip from the server's other address
 * @param port from the other port
 */
public record ChangeRequest(boolean ip, boolean port) {}
