// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "Karst exec socket",
        description = "Shell commands over a Unix domain socket.")
@interface ExecSettings {
    @AttributeDefinition(
            description =
                    "Path of the socket, in a directory of its own that only this user can enter."
                            + " Empty = data/run/exec.sock of the installation.")
    String socket() default "";
}
