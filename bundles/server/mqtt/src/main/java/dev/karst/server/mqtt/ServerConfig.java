// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import dev.karst.lib.mqtt.broker.BrokerLimits;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;

/** The settings, checked. */
record ServerConfig(
        String host,
        int port,
        String user,
        String password,
        String keystore,
        String keystorePassword,
        BrokerLimits limits,
        boolean wildcards) {
    /**
     * Reads the settings.
     *
     * @throws IllegalArgumentException that names the wrong one
     */
    static ServerConfig of(
            String listen,
            String user,
            String password,
            String keystore,
            String keystorePassword,
            BrokerLimits limits,
            boolean wildcards) {
        URI uri;
        try {
            uri = new URI("mqtt://" + listen.trim());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("listen: host:port expected: " + listen, e);
        }
        if (uri.getHost() == null || uri.getPort() < 0 || uri.getPort() > 0xffff) {
            throw new IllegalArgumentException("listen: host:port expected: " + listen);
        }
        if (user.isEmpty() != password.isEmpty()) {
            throw new IllegalArgumentException("user and .password: both or none");
        }
        if (limits.clients() < 1 || limits.retained() < 1 || limits.packetsPerSecond() < 1) {
            throw new IllegalArgumentException("clients, retained and rate are at least 1");
        }
        return new ServerConfig(
                uri.getHost(),
                uri.getPort(),
                user,
                password,
                keystore.trim(),
                keystorePassword,
                limits,
                wildcards);
    }

    boolean tls() {
        return !keystore.isEmpty();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(host, port);
    }

    String url(int boundPort) {
        return (tls() ? "mqtts://" : "mqtt://") + host + ":" + boundPort;
    }

    @Override
    public String toString() {
        return url(port); // the record's own would show the passwords
    }
}
