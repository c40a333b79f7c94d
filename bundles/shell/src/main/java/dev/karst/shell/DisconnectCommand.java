// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.Peer;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "disconnect",
        description = "Ends the session with a peer and all its pipes")
public final class DisconnectCommand extends KarstCommand {
    @Argument(
            name = "peer",
            description = "Id, beginning of the id of a session, or address",
            required = true)
    @Completion(PeerCompleter.class)
    private String peer;

    @Override
    void run(PrintStream out) throws Exception {

        Peer p = Who.peer(peer, node());
        Wait.on(p.disconnect(), 30, "disconnecting");
        out.println("disconnected from " + p.id().brief());
    }
}
