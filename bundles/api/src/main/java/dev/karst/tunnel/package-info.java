// SPDX-License-Identifier: Apache-2.0
/**
 * Services of this machine for named peers, and services of peers on this machine.
 *
 * <p>{@link dev.karst.tunnel.Tunnels#expose Expose} opens one local TCP or UDP service, under a
 * name, to the peers that are listed and to nobody else. {@link dev.karst.tunnel.Tunnels#forward
 * Forward} listens on a local port and carries what comes there to a peer's service of that name.
 *
 * <p>On the wire a TCP connection is one stream pipe of the protocol {@code tunnel/<name>}; a UDP
 * source address is one datagram pipe of {@code tunnel-udp/<name>}. Nothing is added to the bytes.
 */
@Export
@Version("1.0.0")
package dev.karst.tunnel;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
