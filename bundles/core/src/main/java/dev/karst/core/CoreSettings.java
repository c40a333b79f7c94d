// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings, PID {@code dev.karst.core}. */
@ObjectClassDefinition(name = "Karst node")
@interface CoreSettings {
    @AttributeDefinition(
            name = "Listen",
            description = "Endpoints to listen at, as in tcp://[::]:4001; port 0 picks a free one")
    String[] listen() default {"tcp://[::]:0"};

    @AttributeDefinition(
            name = "UDP port",
            description = "Of the shared UDP sockets; 0, or a port in use, picks a free one")
    int udpPort() default 0;

    @AttributeDefinition(
            name = "Port mapping",
            description = "Whether ports may be opened on the router, by the mappers installed")
    boolean portMapping() default true;

    @AttributeDefinition(
            name = "Port mapping protocols",
            description = "Names of the mappers that may be used, as in pcp; empty = all")
    String[] portProtocols() default {};

    @AttributeDefinition(
            name = "Port lifetime (s)",
            description = "To ask the router for; it is renewed at half of what it grants")
    int portLifetime() default 3600;

    @AttributeDefinition(
            name = "Allowed peers",
            description = "Peer ids that may hold a session even while no protocol is open to them")
    String[] allow() default {};

    @AttributeDefinition(
            name = "Keys",
            description =
                    "Directory of the node's keys, made with mode 0700; empty ="
                            + " karst under the container's data directory")
    String keys() default "";

    @AttributeDefinition(
            name = "Suspend limit (s)",
            description = "How long pipes wait for a path before they fail")
    int suspendLimit() default 300;

    @AttributeDefinition(
            name = "Connect timeout (s)",
            description = "How long a connect looks for a path")
    int connectTimeout() default 20;

    @AttributeDefinition(name = "Sessions", description = "Most peers at once")
    int sessions() default 1024;
}
