// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "Karst tunnels",
        description = "Limits of all tunnels together. Changing them restarts the tunnels.")
@interface TunnelSettings {
    @AttributeDefinition(
            name = "Connections",
            description = "Most connections and UDP sources at once, over all tunnels.",
            min = "1",
            max = "65535")
    int maxConnections() default 1024;

    @AttributeDefinition(
            name = "UDP sources",
            description = "Most UDP source addresses of one forward.",
            min = "1",
            max = "65535")
    int maxUdpSources() default 256;

    @AttributeDefinition(
            name = "UDP idle time",
            description = "Seconds without a datagram after which a UDP source is forgotten.",
            min = "1")
    int udpIdleSeconds() default 60;

    @AttributeDefinition(
            name = "Connect time",
            description = "Seconds to wait for an exposed service to accept a connection.",
            min = "1")
    int connectSeconds() default 10;
}
