// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "Karst exposed service",
        description = "Opens one local service to the peers that are named here.")
@interface ExposeSettings {
    @AttributeDefinition(description = "What peers ask for: letters, digits and . _ -")
    String name() default "";

    @AttributeDefinition(
            description = "Where the service listens: tcp://127.0.0.1:8080, udp://127.0.0.1:53")
    String target() default "";

    @AttributeDefinition(
            description = "Ids of the peers that may use it, or the one word \"any\".",
            cardinality = 1024)
    String[] peers() default {};
}
