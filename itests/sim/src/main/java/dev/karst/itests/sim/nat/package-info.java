// SPDX-License-Identifier: Apache-2.0
/**
 * NAT boxes and firewalls in the words of RFC 4787, RFC 5382 and RFC 5508.
 *
 * <p>{@link dev.karst.itests.sim.nat.NatBox} is a state machine without world: packets and time go
 * in, verdicts come out. {@link dev.karst.itests.sim.nat.NatStation} puts it between two realms of
 * the simulated world, {@link dev.karst.itests.sim.nat.NatWorld} builds homes and carriers of them.
 * {@link dev.karst.itests.sim.nat.P2pdConfigs} and {@link dev.karst.itests.sim.nat.RfcConfigs} list
 * the kinds of NAT that everything has to cope with.
 */
package dev.karst.itests.sim.nat;
