// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** User name and password towards a broker; both or none. Its text form hides the password. */
public final class MqttLogin {
    /** A broker that asks nobody. */
    public static final MqttLogin NONE = new MqttLogin("", "");

    private static final int MAX = 4096;

    private final String user;
    private final String password;

    private MqttLogin(String user, String password) {
        this.user = user;
        this.password = password;
    }

    /** An empty user means no login at all: MQTT 3.1.1 forbids a password alone. */
    public static MqttLogin of(String user, String password) {
        if (user.isEmpty() && !password.isEmpty()) {
            throw new IllegalArgumentException("a password needs a user");
        }
        if (user.indexOf('\0') >= 0 || user.length() > MAX || password.length() > MAX) {
            throw new IllegalArgumentException("user or password too long, or not text");
        }
        return user.isEmpty() ? NONE : new MqttLogin(user, password);
    }

    Optional<String> user() {
        return user.isEmpty() ? Optional.empty() : Optional.of(user);
    }

    byte[] password() {
        return password.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return user.isEmpty() ? "nobody" : user;
    }
}
