// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt;

/** The other side broke the protocol or a limit; the connection cannot go on. */
public final class MqttProtocolException extends Exception {
    private static final long serialVersionUID = 1;

    public MqttProtocolException(String message) {
        super(message);
    }

    public MqttProtocolException(String message, Throwable cause) {
        super(message, cause);
    }
}
