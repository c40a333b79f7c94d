// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.PeerId;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "why",
        description = "Explains how a connection came about, or why there is none",
        detailedDescription = "Every attempt with its evidence, the verdict, and what would help.")
public final class WhyCommand extends KarstCommand {
    @Argument(
            name = "peer",
            description = "Id, beginning of the id of a session, or address",
            required = true)
    @Completion(PeerCompleter.class)
    private String peer;

    @Override
    void run(PrintStream out) throws Exception {

        PeerId id = Who.id(peer, node());
        Reports.lines(node().report(id)).forEach(out::println);
    }
}
