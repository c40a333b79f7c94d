// SPDX-License-Identifier: Apache-2.0
/**
 * The real network. The core holds the channels, reads and writes them and keeps what waits to be
 * sent; a {@link dev.karst.spi.net.NetDriver} only says when they are ready. So a socket moves from
 * one driver to another, or waits for one, and neither direction notices.
 *
 * <p>Locks, in the order they may be nested: a TLS engine, a TCP socket's outbound queue, a {@link
 * dev.karst.core.net.Driven} channel. No handler is called with one of them held.
 */
package dev.karst.core.net;
