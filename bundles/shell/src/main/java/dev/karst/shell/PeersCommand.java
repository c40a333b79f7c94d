// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.PathInfo;
import dev.karst.Peer;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(scope = "karst", name = "peers", description = "Lists the peers with a session")
public final class PeersCommand extends KarstCommand {

    @Option(name = "-l", aliases = "--long", description = "Whole ids")
    private boolean whole;

    @Override
    void run(PrintStream out) throws Exception {

        Tables table =
                new Tables(
                        "no sessions: karst:connect makes one",
                        "Peer",
                        "State",
                        "Strategy",
                        "Transport",
                        "Remote",
                        ">Round trip",
                        ">Pipes");
        for (Peer p : node().peers()) {
            PathInfo path = p.paths().stream().findFirst().orElse(null);
            table.row(
                    whole ? p.id() : p.id().brief(),
                    p.state(),
                    path == null ? "-" : path.strategy(),
                    path == null ? "-" : path.transport(),
                    path == null ? "-" : path.remote(),
                    path == null ? "-" : Text.duration(path.rtt()),
                    p.pipes().size());
        }
        table.print(out);
    }
}
