// SPDX-License-Identifier: Apache-2.0
package dev.karst.net.netty;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "Karst network driver (Netty)",
        description = "Event loops that turn the sockets of the node.")
@interface Settings {
    @AttributeDefinition(
            name = "Threads",
            description = "Event loops, 2 to 64; 0 = as many as cores, but 2 to 4.",
            min = "0",
            max = "64")
    int threads() default 0;
}
