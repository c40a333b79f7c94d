// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

/** What a {@link MqttClientState} asks for and tells, during its own calls. Must not call back. */
interface MqttClientEvents {
    /** Send these bytes to the broker. */
    void send(byte[] bytes);

    /** The broker took us in. */
    void connected();

    /** The broker answered a subscription. */
    void subscribed(String topic, boolean granted);

    void message(String topic, byte[] payload, boolean retained);

    /** The broker took over this publish. */
    void acknowledged(long publish);

    /** Nothing more can come of this connection: close it. */
    void failed(String why);
}
