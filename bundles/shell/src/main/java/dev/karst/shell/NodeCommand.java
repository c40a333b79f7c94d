// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.Endpoint;
import dev.karst.Node;
import dev.karst.PeerAddress;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "node",
        description = "Shows who this node is, its address and where it listens")
public final class NodeCommand extends KarstCommand {

    private static String list(List<Endpoint> endpoints) {
        return endpoints.isEmpty()
                ? "nowhere"
                : endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(", "));
    }

    @Override
    void run(PrintStream out) throws Exception {

        Node n = node();
        PeerAddress address = n.address();
        out.println("id         " + n.id());
        out.println(
                "ready      "
                        + (n.ready()
                                ? "yes"
                                : "no: it does not listen or signaling is not connected"));
        out.println("listening  " + list(n.listening()));
        out.println("signaling  " + list(address.signaling()));
        out.println("address    " + address);
    }
}
