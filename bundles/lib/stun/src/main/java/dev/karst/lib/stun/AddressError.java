// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

/**
 * The value of ADDRESS-ERROR-CODE, RFC 8656 section 18.12.
 *
 * @param family 1 for IPv4, 2 for IPv6
 * @param error why there is no relayed address of that family
 */
public record AddressError(int family, StunError error) {}
