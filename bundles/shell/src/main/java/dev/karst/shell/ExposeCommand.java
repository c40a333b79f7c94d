// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.PeerId;
import dev.karst.tunnel.Exposed;
import java.io.PrintStream;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = "karst",
        name = "expose",
        description = "Opens a local TCP or UDP service to peers",
        detailedDescription =
                "karst:expose web tcp://127.0.0.1:8080 <peer> opens it to one peer; the word any in place of ids opens it to everybody. Lasts until karst:unexpose or a restart; for good, use etc/dev.karst.gateway.tunnel.expose-NAME.cfg.")
public final class ExposeCommand extends KarstCommand {

    @Argument(index = 0, name = "name", description = "What peers ask for", required = true)
    private String name;

    @Argument(
            index = 1,
            name = "target",
            description = "Where the service listens, as in tcp://127.0.0.1:8080",
            required = true)
    private String target;

    @Argument(
            index = 2,
            name = "peers",
            description = "Ids of those that may use it, or the word any",
            required = true,
            multiValued = true)
    @Completion(PeerCompleter.class)
    private List<String> peers;

    private Set<PeerId> ids() throws CommandException {
        Set<PeerId> ids = new LinkedHashSet<>();
        for (String p : peers) {
            if (p.equals("any")) {
                throw Failures.because("either ids or the one word any", null);
            }
            ids.add(Who.id(p, node()));
        }
        return ids;
    }

    @Override
    void run(PrintStream out) throws Exception {

        Exposed e =
                peers.equals(List.of("any"))
                        ? tunnels().exposeToAnyone(name, target)
                        : tunnels().expose(name, target, ids());
        out.println(
                "exposed "
                        + e.name()
                        + " at "
                        + e.target()
                        + " to "
                        + (e.anyone() ? "anyone" : e.peers().size() + " peer(s)")
                        + ": "
                        + e.state());
    }
}
