// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

import java.time.Duration;
import java.util.Optional;

/** What a broker lets in. Called by the broker's thread; must not block. */
public interface BrokerPolicy {
    /** Whether this user may connect; empty where the client named none. */
    boolean login(Optional<String> user, Optional<byte[]> password);

    /** Whether clients may subscribe to this valid filter. */
    boolean subscribe(String filter);

    /**
     * What to do with a message.
     *
     * @param retained what is retained under that topic now
     */
    Decision publish(String topic, byte[] payload, boolean retain, Optional<byte[]> retained);

    /** Adds one to a counter: {@code broker.refused.signature} and the like. */
    void count(String name);

    /** Everything is allowed to everyone, and retained for ever: for tests. */
    static BrokerPolicy open() {
        return new BrokerPolicy() {
            @Override
            public boolean login(Optional<String> user, Optional<byte[]> password) {
                return true;
            }

            @Override
            public boolean subscribe(String filter) {
                return true;
            }

            @Override
            public Decision publish(
                    String topic, byte[] payload, boolean retain, Optional<byte[]> retained) {
                return Decision.pass();
            }

            @Override
            public void count(String name) {}
        };
    }

    /**
     * What becomes of a message. A refused one is acknowledged all the same: MQTT 3.1.1 knows no
     * other answer but to hang up.
     *
     * @param refusal why not, in words; empty when it passes
     * @param lifetime how long a retained one is kept; zero = until it is replaced or erased
     * @param cost in packets of the client's rate
     */
    record Decision(String refusal, Duration lifetime, int cost) {
        public static Decision pass() {
            return new Decision("", Duration.ZERO, 0);
        }

        public static Decision keep(Duration lifetime, int cost) {
            return new Decision("", lifetime, cost);
        }

        public static Decision refuse(String why, int cost) {
            return new Decision(why, Duration.ZERO, cost);
        }
    }
}
