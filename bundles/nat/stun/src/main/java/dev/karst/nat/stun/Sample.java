// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

/**
 * A mapping of a fresh socket.
 *
 * @param burst which burst it belongs to: only within one is the order of mappings known
 * @param order in which it was asked for
 * @param local port
 * @param external port
 * @param prompt whether the very first packet made it; else it may have been made later, when that
 *     was lost and another sent
 */
record Sample(int burst, int order, int local, int external, boolean prompt) {}
