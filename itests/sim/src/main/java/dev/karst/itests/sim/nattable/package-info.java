// SPDX-License-Identifier: Apache-2.0
/**
 * The NAT detector ({@code nat.stun}) before every kind of NAT, with honest and hostile servers:
 * {@link dev.karst.itests.sim.nattable.NatTable} plays them all.
 */
package dev.karst.itests.sim.nattable;
