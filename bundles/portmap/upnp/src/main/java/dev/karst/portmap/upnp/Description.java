// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a device says it is (UPnP Device Architecture 1.1 section 2.3).
 *
 * @param model for people
 * @param services that open ports, those of the newest version first
 */
record Description(String model, List<Offer> services) {
    private static final int MOST = 4;

    /** A service and where to control it. */
    record Offer(ServiceKind kind, HttpUrl control) {}

    /**
     * @param location where the description came from
     * @param gateway who is described
     * @param firewall whether pinholes are wanted, else mappings
     * @param counter told of what is ignored
     * @throws UpnpFailure if there is no such service, or its control URL must not be followed
     */
    static Description read(
            Element xml,
            HttpUrl location,
            InetAddress gateway,
            boolean firewall,
            Neighbours neighbours,
            Consumer<String> counter) {
        HttpUrl base = base(xml, location, gateway, neighbours, counter);
        List<Offer> found = new ArrayList<>();
        UpnpFailure refused = null;
        for (Element service : xml.all("service")) {
            Optional<ServiceKind> kind = ServiceKind.of(service.textOf("serviceType"));
            if (kind.isEmpty() || kind.get().firewall() != firewall || found.size() == MOST) {
                continue;
            }
            try {
                HttpUrl url = base.resolve(service.textOf("controlURL"));
                found.add(new Offer(kind.get(), neighbours.check(gateway, url)));
            } catch (UpnpFailure e) {
                counter.accept("portmap.upnp.refused-url");
                refused = e;
            }
        }
        if (found.isEmpty()) {
            throw refused != null
                    ? refused
                    : UpnpFailure.garbage(
                            "the device at "
                                    + location.authority()
                                    + (firewall ? " opens no pinholes" : " maps no ports"));
        }
        found.sort((a, b) -> b.kind().version() - a.kind().version());
        return new Description(model(xml), List.copyOf(found));
    }

    /** URLBase of UPnP 1.0, where it may be followed; otherwise as if there were none. */
    private static HttpUrl base(
            Element xml,
            HttpUrl location,
            InetAddress gateway,
            Neighbours neighbours,
            Consumer<String> counter) {
        String base = xml.textOf("URLBase");
        if (base.isEmpty()) {
            return location;
        }
        try {
            return neighbours.check(gateway, HttpUrl.parse(base));
        } catch (UpnpFailure e) {
            counter.accept("portmap.upnp.refused-url");
            return location;
        }
    }

    private static String model(Element xml) {
        return xml.find("device")
                .map(
                        d ->
                                d.textOf("friendlyName").isEmpty()
                                        ? d.textOf("modelName")
                                        : d.textOf("friendlyName"))
                .map(name -> Foreign.text(name, 50))
                .orElse("");
    }
}
