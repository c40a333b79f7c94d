// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.ConnectReport;
import dev.karst.Node;
import dev.karst.Peer;
import dev.karst.PeerId;
import java.io.PrintStream;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "connect",
        description = "Connects to a peer",
        detailedDescription =
                "Waits until a session stands and shows each attempt as it goes. The address is what the peer sees in karst:node.")
public final class ConnectCommand extends KarstCommand {
    @Argument(
            name = "peer",
            description = "Id, beginning of the id of a session, or address",
            required = true)
    @Completion(PeerCompleter.class)
    private String peer;

    @Option(
            name = "-t",
            aliases = "--timeout",
            description = "Seconds to wait",
            valueToShowInHelp = "60")
    private String timeout = "60";

    /** Attempts that began or ended since the last look. */
    private static void progress(Node n, PeerId id, Set<String> told, PrintStream out) {
        int number = 0;
        for (ConnectReport.Attempt a : n.report(id).attempts()) {
            if (told.add(number++ + " " + a.outcome())) {
                out.println(Reports.line(a));
            }
        }
    }

    @Override
    void run(PrintStream out) throws Exception {

        int seconds = Numbers.parse("--timeout", timeout, 1, 3600);
        Node n = node();
        PeerId id = Who.id(peer, n);
        CompletionStage<Peer> connecting = Who.connect(peer, n);
        out.println("connecting to " + id.brief() + " …");
        Set<String> told = new HashSet<>();
        Peer connected =
                Wait.on(connecting, seconds, "connecting", () -> progress(n, id, told, out));
        out.println("connected in " + Text.duration(connected.report().took()));
        connected.paths().stream()
                .findFirst()
                .ifPresent(
                        p ->
                                out.println(
                                        "path     "
                                                + Reports.line(p)
                                                + (p.why().isEmpty()
                                                        ? ""
                                                        : " (" + Text.safe(p.why()) + ")")));
    }
}
