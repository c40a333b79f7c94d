// SPDX-License-Identifier: Apache-2.0
/**
 * The Noise protocol framework, revision 34, as far as Karst needs it: patterns IK, XX and X over
 * X25519, AES-256-GCM or ChaCha20-Poly1305, and SHA-256. Bytes in, bytes out; no I/O, threads or
 * clocks. Needs only {@code java.*} and {@code javax.crypto}.
 *
 * <pre>
 * IK  &lt;- s ...   -&gt; e, es, s, ss            &lt;- e, ee, se
 *     message 1: e 32 | s 32+16 | payload+16     message 2: e 32 | payload+16
 * XX             -&gt; e        &lt;- e, ee, s, es      -&gt; s, se
 *     message 1: e 32 | payload (clear!)   2: e 32 | s 32+16 | payload+16   3: s 32+16 | payload+16
 * X   &lt;- s ...   -&gt; e, es, s, ss
 *     message 1: e 32 | s 32+16 | payload+16
 * </pre>
 */
package dev.karst.lib.noise;
