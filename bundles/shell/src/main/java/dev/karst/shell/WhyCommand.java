// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.ConnectReport;
import dev.karst.PeerId;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "why",
        description = "Explains how a connection came about, or why there is none",
        detailedDescription =
                "Every attempt with what was sent, seen and concluded; the verdict: why this path and"
                        + " not a better one; and what would help.")
public final class WhyCommand extends KarstCommand {
    @Argument(
            name = "peer",
            description = "Id, beginning of the id of a session, or address",
            required = true)
    @Completion(PeerCompleter.class)
    private String peer;

    @Option(name = "--json", description = "The same as one line of JSON")
    private boolean json;

    @Override
    void run(PrintStream out) throws Exception {

        PeerId id = Who.id(peer, node());
        ConnectReport report = node().report(id);
        if (json) {
            out.println(Json.of(Reports.values(report)));
        } else {
            Reports.lines(report).forEach(out::println);
        }
    }
}
