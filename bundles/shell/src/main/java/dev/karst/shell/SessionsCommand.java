// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.PathInfo;
import dev.karst.Peer;
import java.io.PrintStream;
import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "sessions",
        description = "Shows the paths of each session, and why one is used",
        detailedDescription = "Each line is one path. Generation 0 is a path on standby.")
public final class SessionsCommand extends KarstCommand {
    @Argument(name = "peer", description = "Only this peer", required = false)
    @Completion(PeerCompleter.class)
    private String peer;

    @Override
    void run(PrintStream out) throws Exception {

        List<Peer> peers = peer == null ? node().peers() : List.of(Who.peer(peer, node()));
        if (peers.isEmpty()) {
            out.println("no sessions: karst:connect makes one");
        }
        for (Peer p : peers) {
            out.println(p.id() + "  " + p.state());
            Tables table =
                    new Tables(
                            "no path at the moment",
                            ">Gen",
                            "Used",
                            "Strategy",
                            "Transport",
                            "Local",
                            "Remote",
                            ">Round trip",
                            ">Out",
                            ">In",
                            "Crypto",
                            "Why");
            for (PathInfo path : p.paths()) {
                table.row(
                        path.generation(),
                        path.inUse() ? "*" : "",
                        path.strategy(),
                        path.transport(),
                        path.local(),
                        path.remote(),
                        Text.duration(path.rtt()),
                        Text.bytes(path.bytesOut()),
                        Text.bytes(path.bytesIn()),
                        path.crypto(),
                        path.why());
            }
            table.print(out);
        }
    }
}
