// SPDX-License-Identifier: Apache-2.0
/** Relays that speak TURN; the protocol itself is in {@link dev.karst.lib.stun.turn}. */
package dev.karst.relay.turn;
