// SPDX-License-Identifier: Apache-2.0
/**
 * The tunnel gateway: {@link dev.karst.tunnel.Tunnels} over {@link dev.karst.Node}.
 *
 * <pre>
 *   client ── TcpSocket ─ StreamBridge ─ StreamPipe  ≈≈  StreamPipe ─ StreamBridge ─ TcpSocket ── service
 *             (StreamForward)            tunnel/name                  (Exposure)
 * </pre>
 *
 * A bridge is driven by whatever thread brings it news, one at a time ({@code Serial}); it holds no
 * lock while it calls out and owns no thread.
 */
package dev.karst.gateway.tunnel;
