// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "Karst forwarded port",
        description = "Listens here and carries what comes to a service of a peer.")
@interface ForwardSettings {
    @AttributeDefinition(
            description =
                    "Where to listen: tcp://127.0.0.1:8080. Without a host only this machine"
                            + " can connect.")
    String listen() default "";

    @AttributeDefinition(description = "Id of the peer")
    String peer() default "";

    @AttributeDefinition(description = "Name under which the peer exposes the service")
    String service() default "";
}
