// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.Peer;
import dev.karst.PipeInfo;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "pipes",
        description = "Lists the open pipes of all sessions",
        detailedDescription =
                "A stream has all its bytes over when acknowledged equals sent. Datagram pipes count datagrams.")
public final class PipesCommand extends KarstCommand {

    private static String amount(PipeInfo i, long n) {
        return i.stream() ? Text.bytes(n) : Long.toString(n);
    }

    @Override
    void run(PrintStream out) throws Exception {

        Tables table =
                new Tables(
                        "no open pipes",
                        "Peer",
                        ">Pipe",
                        "Protocol",
                        "Kind",
                        "State",
                        ">Sent",
                        ">Acknowledged",
                        ">Received");
        for (Peer p : node().peers()) {
            for (PipeInfo i : p.pipes()) {
                table.row(
                        p.id().brief(),
                        i.id(),
                        i.protocol(),
                        i.stream() ? "stream" : "datagrams",
                        i.state(),
                        amount(i, i.sent()),
                        i.stream() ? Text.bytes(i.acknowledged()) : "-",
                        amount(i, i.received()));
            }
        }
        table.print(out);
    }
}
