// SPDX-License-Identifier: Apache-2.0
/**
 * The world in one process: virtual time, one thread, a network with faults, all of it decided by a
 * seed.
 *
 * <p>A {@link dev.karst.itests.sim.SimWorld} owns the event queue. Each {@link
 * dev.karst.itests.sim.SimHost} in it hands out {@link dev.karst.itests.sim.SimScope}s, whose
 * network speaks in {@link dev.karst.itests.sim.Packet}s. A packet goes from a {@link
 * dev.karst.itests.sim.Station} to its {@link dev.karst.itests.sim.Realm}, over a {@link
 * dev.karst.itests.sim.Link}, to the station that owns the destination address; whoever wants to
 * translate addresses is a station in two realms.
 */
package dev.karst.itests.sim;
