// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

/** One client's connection as the broker sees it. Must not call back; no call blocks. */
public interface BrokerSocket {
    /** Sends bytes; takes them even when congested. */
    void send(byte[] bytes);

    /** Whether so much waits to be sent that messages without QoS had better be dropped. */
    boolean congested();

    /** Stops or resumes reading from the client. */
    void reading(boolean on);

    /** Closes after what was sent. {@link BrokerClient#closed} is not needed any more. */
    void close();

    /** Who it is, for the log. */
    @Override
    String toString();
}
