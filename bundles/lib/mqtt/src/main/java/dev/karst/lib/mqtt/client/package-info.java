// SPDX-License-Identifier: Apache-2.0
/**
 * The client's side: {@link dev.karst.lib.mqtt.client.MqttClientState} is the protocol, {@link
 * dev.karst.lib.mqtt.client.MqttLink} keeps it connected through a {@link dev.karst.spi.Scope}.
 */
package dev.karst.lib.mqtt.client;
