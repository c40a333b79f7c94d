// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * One place to try: a URI whose scheme picks the transport or signaling backend ({@code
 * tcp://192.0.2.7:4001}, {@code mqtt://broker:1883}). At most {@value #MAX_LENGTH} characters.
 */
public record Endpoint(URI uri) {
    /** Longest text form, in characters. */
    public static final int MAX_LENGTH = 512;

    public Endpoint {
        if (uri.getScheme() == null || uri.getHost() == null) {
            throw new IllegalArgumentException(
                    "an endpoint needs a scheme and a host, as in tcp://host:port: " + uri);
        }
        if (uri.toString().length() > MAX_LENGTH) {
            throw new IllegalArgumentException("endpoint longer than " + MAX_LENGTH);
        }
    }

    /**
     * Parses the text form.
     *
     * @throws IllegalArgumentException if it is not an endpoint; the message says why
     */
    public static Endpoint parse(String text) {
        try {
            return new Endpoint(new URI(text.trim()));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not an endpoint: " + e.getMessage(), e);
        }
    }

    /** {@code scheme://host:port} from its parts; an IPv6 literal is put into brackets. */
    public static Endpoint of(String scheme, String host, int port) {
        String h = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
        return parse(scheme + "://" + h + ":" + port);
    }

    /**
     * {@code scheme://address:port}, the address as RFC 5952 writes it, without zone.
     *
     * @param a a resolved address
     */
    public static Endpoint of(String scheme, InetSocketAddress a) {
        return of(scheme, IpAddresses.text(a.getAddress()), a.getPort());
    }

    /** The scheme in lower case. */
    public String scheme() {
        return uri.getScheme().toLowerCase(Locale.ROOT);
    }

    /** Host name or address literal, an IPv6 one without brackets. */
    public String host() {
        String h = uri.getHost();
        return h.startsWith("[") ? h.substring(1, h.length() - 1) : h;
    }

    /** The host where it is an address literal without zone; no name server is asked. */
    public Optional<InetAddress> literal() {
        return IpAddresses.parse(host());
    }

    /** The port, or -1 where the endpoint names none. */
    public int port() {
        return uri.getPort();
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
