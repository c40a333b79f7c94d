// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

/**
 * The value of ICMP, RFC 8656 section 18.13.
 *
 * @param type ICMP's or ICMPv6's
 * @param code of that type
 * @param data such as the next hop's MTU; 32 bits
 */
public record IcmpError(int type, int code, int data) {}
