// SPDX-License-Identifier: Apache-2.0
/**
 * The broker's side: {@link dev.karst.lib.mqtt.broker.MqttBrokerState} over abstract connections,
 * so that the same broker runs behind real sockets and in a simulated world.
 */
package dev.karst.lib.mqtt.broker;
