// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import dev.karst.Endpoint;
import dev.karst.spi.net.TlsOptions;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a broker is: {@code mqtt://host[:1883]} or {@code mqtts://host[:8883][?pin=sha256]}.
 *
 * @param tls whether by TLS
 * @param host in lower case, an IPv6 literal without brackets
 * @param pin SHA-256 of the only certificate to accept, 64 hex digits
 */
public record BrokerUrl(boolean tls, String host, int port, Optional<String> pin) {
    public static final String PLAIN = "mqtt";
    public static final String TLS = "mqtts";

    private static final String PIN = "pin=";

    /**
     * Reads a setting.
     *
     * @param pin beside the one in the URL; may be empty
     * @throws IllegalArgumentException that says what is wrong
     */
    public static BrokerUrl parse(String url, String pin) {
        if (url == null || url.isBlank()) {
            throw new IllegalArgumentException("the url is missing, as in mqtt://host:1883");
        }
        BrokerUrl parsed = of(Endpoint.parse(url));
        if (pin.isBlank()) {
            return parsed;
        }
        if (!parsed.tls) {
            throw new IllegalArgumentException("a pin needs mqtts://");
        }
        return new BrokerUrl(true, parsed.host, parsed.port, TlsOptions.pinned(pin.trim()).pin());
    }

    /**
     * Reads an endpoint.
     *
     * @throws IllegalArgumentException that says what is wrong
     */
    public static BrokerUrl of(Endpoint endpoint) {
        boolean tls = endpoint.scheme().equals(TLS);
        if (!tls && !endpoint.scheme().equals(PLAIN)) {
            throw new IllegalArgumentException(
                    "a broker is mqtt://host:port or mqtts://host:port: " + endpoint.scheme());
        }
        if (endpoint.uri().getRawUserInfo() != null) {
            throw new IllegalArgumentException("user and password do not belong into the url");
        }
        int port = endpoint.port() < 0 ? (tls ? 8883 : 1883) : endpoint.port();
        if (port < 1 || port > 0xffff) {
            throw new IllegalArgumentException("no such port: " + port);
        }
        String query = endpoint.uri().getQuery();
        Optional<String> pin = Optional.empty();
        if (tls && query != null && query.startsWith(PIN)) {
            pin = TlsOptions.pinned(query.substring(PIN.length())).pin();
        }
        return new BrokerUrl(tls, endpoint.host().toLowerCase(Locale.ROOT), port, pin);
    }

    /** Whether it is the same broker, however its certificate is checked. */
    public boolean sameBroker(BrokerUrl other) {
        return tls == other.tls && port == other.port && host.equals(other.host);
    }

    /** What a stranger needs to connect: no user, no password. */
    public Endpoint endpoint() {
        Endpoint plain = Endpoint.of(tls ? TLS : PLAIN, host, port);
        return pin.map(p -> Endpoint.parse(plain + "?" + PIN + p)).orElse(plain);
    }

    TlsOptions tlsOptions() {
        return new TlsOptions(pin);
    }

    /** {@code host:port}, as people write it. */
    public String authority() {
        return endpoint().uri().getRawAuthority();
    }

    @Override
    public String toString() {
        return (tls ? TLS : PLAIN) + "://" + authority();
    }
}
