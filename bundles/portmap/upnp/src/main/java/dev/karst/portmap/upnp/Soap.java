// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Control messages (UPnP Device Architecture 1.1 section 3.1). */
final class Soap {
    private Soap() {}

    /**
     * @param arguments name and value by turns, in the order of the service's specification: some
     *     routers go by position
     */
    static byte[] request(ServiceKind kind, String action, String... arguments) {
        StringBuilder out = new StringBuilder(600);
        out.append("<?xml version=\"1.0\"?>\r\n")
                .append("<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" ")
                .append("s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\">")
                .append("<s:Body><u:")
                .append(action)
                .append(" xmlns:u=\"")
                .append(kind.urn())
                .append("\">");
        for (int i = 0; i < arguments.length; i += 2) {
            String name = arguments[i];
            out.append('<').append(name).append('>');
            escape(arguments[i + 1], out);
            out.append("</").append(name).append('>');
        }
        out.append("</u:").append(action).append("></s:Body></s:Envelope>\r\n");
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void escape(String value, StringBuilder out) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                default -> out.append(c);
            }
        }
    }

    /**
     * The result's element; its children are the arguments.
     *
     * @throws UpnpFailure if the gateway refused, or what came is none
     */
    static Element result(String action, HttpReply reply) {
        byte[] body = reply.body();
        boolean fine = reply.status() >= 200 && reply.status() < 300;
        if (body.length == 0 && fine) {
            return new Element(action + "Response"); // some leave it at that
        }
        if (!fine && reply.status() != 500) {
            throw http(reply);
        }
        Element xml;
        try {
            xml = Xml.parse(body);
        } catch (UpnpFailure e) {
            throw fine ? e : http(reply);
        }
        Optional<Element> error = xml.find("errorCode");
        if (error.isPresent() || xml.find("Fault").isPresent()) {
            long code = error.map(e -> Foreign.number(e.text(), 9999)).orElse(-1L);
            String description = xml.find("errorDescription").map(Element::text).orElse("");
            throw UpnpFailure.refused((int) Math.max(code, 0), description);
        }
        if (!fine) {
            throw http(reply);
        }
        return xml.find(action + "Response")
                .orElseThrow(
                        () ->
                                UpnpFailure.garbage(
                                        "the gateway's answer to " + action + " is none"));
    }

    private static UpnpFailure http(HttpReply reply) {
        String text = "the gateway answered with HTTP status " + reply.status();
        return reply.status() == 404 || reply.status() == 410
                ? UpnpFailure.gone(text, null)
                : UpnpFailure.garbage(text);
    }
}
