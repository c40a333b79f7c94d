// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.PeerAddress;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "introduce",
        description = "Makes a peer known by its address, until the node stops",
        detailedDescription =
                "Then karst:connect and forwards need only its id. For good, put the address into the configuration of directory.fixed.")
public final class IntroduceCommand extends KarstCommand {

    @Argument(
            name = "address",
            description = "What the peer sees in karst:node: karst1.…",
            required = true)
    private String address;

    @Override
    void run(PrintStream out) throws Exception {

        PeerAddress a = PeerAddress.parse(address);
        // Not to be closed: it shall last as long as the node.
        admin().introduce(a);
        out.println("introduced " + a.id());
    }
}
