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
        name = "unforward",
        description = "Stops forwarding a local port and ends its connections")
public final class UnforwardCommand extends KarstCommand {

    @Argument(name = "listen", description = "Address as karst:tunnels shows it", required = true)
    @Completion(ForwardedCompleter.class)
    private String listen;

    @Override
    void run(PrintStream out) throws Exception {

        if (!tunnels().unforward(listen)) {
            throw Failures.because(listen + " is not forwarded: see karst:tunnels", null);
        }
        out.println("closed " + listen);
    }
}
