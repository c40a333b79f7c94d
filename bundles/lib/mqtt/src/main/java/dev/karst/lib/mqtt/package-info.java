// SPDX-License-Identifier: Apache-2.0
/**
 * MQTT 3.1.1 (OASIS standard) without sockets, threads or clocks: what client and broker share.
 *
 * <pre>
 *   bytes in ─▶ MqttCodec ─▶ MqttClientState / MqttBrokerState ─▶ MqttCodec ─▶ bytes out
 *                 (Netty's decoder and encoder)   (ours)
 * </pre>
 *
 * Netty's handlers run in an {@code EmbeddedChannel} and see no class of ours, so that nothing of
 * Netty can pin the class loader of the bundle this package was copied into.
 */
package dev.karst.lib.mqtt;
