// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "unexpose",
        description = "Closes an exposed service and ends its connections")
public final class UnexposeCommand extends KarstCommand {

    @Argument(name = "name", description = "Name of the service", required = true)
    @Completion(ExposedCompleter.class)
    private String name;

    @Override
    void run(PrintStream out) throws Exception {

        if (!tunnels().unexpose(name)) {
            throw Failures.because(
                    "no service \"" + name + "\" is exposed: see karst:tunnels", null);
        }
        out.println("closed " + name);
    }
}
