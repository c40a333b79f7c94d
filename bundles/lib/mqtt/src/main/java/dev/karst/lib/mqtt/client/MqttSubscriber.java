// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

/** Told of one topic by a {@link MqttLink}, one call at a time, on any thread; must not block. */
public interface MqttSubscriber {
    void message(byte[] payload, boolean retained);

    /** The broker confirmed the subscription: after each connect, at least once. */
    default void granted() {}

    /** The broker does not allow it. */
    default void refused() {}

    /** The connection is gone; {@link #granted} follows when it is back. */
    default void lost() {}

    /** The last call: the link is closed. */
    default void ended(String why) {}
}
