// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.tunnel.Forwarded;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "forward",
        description = "Listens on a local port and carries it to a service of a peer",
        detailedDescription =
                "karst:forward tcp://127.0.0.1:8080 <peer> web. Port 0 picks one; no host means this machine only. Lasts until karst:unforward or a restart; for good, use etc/dev.karst.gateway.tunnel.forward-NAME.cfg.")
public final class ForwardCommand extends KarstCommand {

    @Argument(
            index = 0,
            name = "listen",
            description = "Where to listen, as in tcp://127.0.0.1:8080",
            required = true)
    private String listen;

    @Argument(index = 1, name = "peer", description = "Id of the peer", required = true)
    @Completion(PeerCompleter.class)
    private String peer;

    @Argument(
            index = 2,
            name = "service",
            description = "Name under which the peer exposes it",
            required = true)
    private String name;

    @Override
    void run(PrintStream out) throws Exception {

        Forwarded f =
                Wait.on(tunnels().forward(listen, Who.id(peer, node()), name), 15, "listening");
        out.println(
                "forwarding "
                        + f.listen()
                        + " to "
                        + f.name()
                        + " of "
                        + f.peer().brief()
                        + ": "
                        + f.state());
    }
}
