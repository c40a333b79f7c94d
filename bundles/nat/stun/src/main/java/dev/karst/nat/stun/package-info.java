// SPDX-License-Identifier: Apache-2.0
/**
 * Learns what stands between this node and the Internet by asking STUN servers (RFC 5780), and by
 * comparing what several of them see.
 *
 * <p>One {@link dev.karst.nat.stun.Detection} asks all servers at once from the shared socket. Each
 * answer sets the next questions off at once; nobody waits for a slow server:
 *
 * <pre>
 * shared socket   binding ──► mapping by comparison ─────────────► same everywhere, or by destination
 *                        └──► CHANGE-REQUEST (filtering) ───────► who may answer
 * fresh sockets          ├──► is the other address alive? (else silence proves nothing)
 *                        ├──► other port (address, or address and port dependent?)
 *                        └──► burst (allocation) ──► hairpin
 * TCP             binding ──► comparison, burst
 * </pre>
 *
 * All state belongs to the executor of the scope; only {@link dev.karst.nat.stun.StunSocket} is
 * called by network threads.
 */
package dev.karst.nat.stun;
