// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.ProtocolId;
import dev.karst.tunnel.Tunnels;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What people write and read: addresses, names, reasons. */
final class Texts {
    private static final Pattern ADDRESS =
            Pattern.compile(
                    "(?:(tcp|udp)://)?(?:(\\[[0-9A-Fa-f:.]{2,45}]|[A-Za-z0-9.-]{1,253})?:)?(\\d{1,5})");
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9._-]{1," + Tunnels.MAX_NAME + "}");

    private Texts() {}

    static KarstException wrong(String message) {
        return new KarstException(KarstException.Code.CONFIGURATION, message);
    }

    /**
     * Parses {@code [tcp|udp://][host]:port}; the host is 127.0.0.1 and the scheme tcp if left out.
     *
     * @param what shown in the error, such as {@code target}
     * @param anyPort whether port 0 may be asked for
     */
    static Endpoint address(String what, String text, boolean anyPort) {
        Matcher m = ADDRESS.matcher(text.trim());
        if (m.matches()) {
            int port = Integer.parseInt(m.group(3));
            if (port <= 65535 && (port > 0 || anyPort)) {
                String host = m.group(2) == null ? "127.0.0.1" : m.group(2);
                try {
                    return Endpoint.of(m.group(1) == null ? "tcp" : m.group(1), host, port);
                } catch (IllegalArgumentException e) {
                    // told below
                }
            }
        }
        throw wrong(
                what
                        + " must look like tcp://127.0.0.1:"
                        + (anyPort ? "0" : "8080")
                        + " or udp://127.0.0.1:53, got \""
                        + (text.length() > 100 ? text.substring(0, 100) + "…" : text)
                        + "\"");
    }

    static String name(String text) {
        String name = text.trim();
        if (!NAME.matcher(name).matches()) {
            throw wrong(
                    "a service name is 1 to "
                            + Tunnels.MAX_NAME
                            + " letters, digits or . _ -, got \""
                            + (text.length() > 100 ? text.substring(0, 100) + "…" : text)
                            + "\"");
        }
        return name;
    }

    static ProtocolId protocol(Endpoint local, String name) {
        return ProtocolId.of((udp(local) ? "tunnel-udp/" : "tunnel/") + name);
    }

    static boolean udp(Endpoint local) {
        return local.scheme().equals("udp");
    }

    static boolean loopback(Endpoint e) {
        return e.host().startsWith("127.")
                || e.host().equals("::1")
                || e.host().equals("localhost");
    }

    /** What a stage failed with, without the wrapping. */
    static Throwable cause(Throwable t) {
        return t instanceof CompletionException && t.getCause() != null ? t.getCause() : t;
    }

    /** A short, bounded word to tell kinds of failures apart. */
    static String kind(Throwable t) {
        return t instanceof KarstException k ? k.code().name() : t.getClass().getSimpleName();
    }

    static String sentence(Throwable t) {
        String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
        return t instanceof KarstException k ? k.code() + ": " + message : message;
    }
}
