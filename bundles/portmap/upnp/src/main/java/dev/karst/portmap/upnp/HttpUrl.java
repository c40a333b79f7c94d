// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.IpAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * An {@code http} URL whose host is an address literal, without login: all that is ever followed.
 *
 * @param port 1 to 65535
 * @param path with query, starts with a slash; printable ASCII without blanks
 */
record HttpUrl(InetAddress host, int port, String path) {
    private static final String SCHEME = "http://";
    private static final int MOST = 256;

    /**
     * @throws UpnpFailure if it is anything else
     */
    static HttpUrl parse(String text) {
        String s = text.trim();
        if (!s.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw refused(s, "it is not http");
        }
        if (s.length() > MOST) {
            throw refused(s, "it is too long");
        }
        String rest = s.substring(SCHEME.length());
        int end = 0;
        while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
            end++;
        }
        String authority = rest.substring(0, end);
        if (authority.indexOf('@') >= 0) {
            throw refused(s, "it has a login");
        }
        int colon = authority.startsWith("[") ? authority.indexOf("]:") : authority.indexOf(':');
        String host = authority;
        long port = 80;
        if (colon >= 0) {
            int at = authority.startsWith("[") ? colon + 1 : colon;
            host = authority.substring(0, at);
            port = Foreign.number(authority.substring(at + 1), 65535);
        }
        if (port < 1) {
            throw refused(s, "the port is wrong");
        }
        boolean v6 = host.startsWith("[") && host.endsWith("]");
        String literal = v6 ? host.substring(1, host.length() - 1) : host;
        InetAddress address =
                Literals.parse(literal)
                        .filter(a -> v6 == literal.indexOf(':') >= 0)
                        .orElseThrow(() -> refused(s, "the host is no address"));
        return new HttpUrl(address, (int) port, path(s, rest.substring(end)));
    }

    /** What a description says, relative to this. */
    HttpUrl resolve(String reference) {
        String r = reference.trim();
        if (r.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return parse(r);
        }
        if (r.startsWith("//") || r.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
            throw refused(r, "it is not http");
        }
        if (r.startsWith("/")) {
            return new HttpUrl(host, port, path(r, r));
        }
        int query = path.indexOf('?');
        String bare = query < 0 ? path : path.substring(0, query);
        String folder = bare.substring(0, bare.lastIndexOf('/') + 1);
        return new HttpUrl(host, port, path(r, folder + r));
    }

    private static String path(String shown, String raw) {
        int fragment = raw.indexOf('#');
        String p = fragment < 0 ? raw : raw.substring(0, fragment);
        if (!p.startsWith("/")) {
            p = "/" + p;
        }
        if (p.length() > MOST) {
            throw refused(shown, "it is too long");
        }
        for (int i = 0; i < p.length(); i++) {
            if (p.charAt(i) <= ' ' || p.charAt(i) >= 0x7f) {
                throw refused(shown, "it has a character that no URL has");
            }
        }
        return p;
    }

    private static UpnpFailure refused(String url, String why) {
        return UpnpFailure.forbidden(
                "the URL " + Foreign.text(url, 80) + " is not followed: " + why);
    }

    /** Host and port as the Host header has them. */
    String authority() {
        return IpAddresses.text(new InetSocketAddress(host, port));
    }

    @Override
    public String toString() {
        return SCHEME + authority() + path;
    }
}
