// SPDX-License-Identifier: Apache-2.0
/**
 * A full ICE agent (RFC 8445, trickle as of RFC 8838, consent as of RFC 7675) for one component of
 * one stream, as a state machine: time and STUN in, STUN and events out; no I/O, threads, clock.
 *
 * <pre>
 *  Binding request:  USERNAME remote:local | PRIORITY | ICE-CONTROLLING or ICE-CONTROLLED
 *                    | USE-CANDIDATE (nomination) | MESSAGE-INTEGRITY | FINGERPRINT
 *  success:          XOR-MAPPED-ADDRESS | MESSAGE-INTEGRITY | FINGERPRINT
 * </pre>
 */
package dev.karst.lib.ice;
