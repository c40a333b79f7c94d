// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.Node;
import java.util.List;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;

/** Ids of peers with a session. */
@Service
public final class PeerCompleter implements Completer {
    @Reference(optional = true)
    private Node node;

    @Override
    public int complete(Session session, CommandLine line, List<String> candidates) {
        List<String> ids =
                node == null
                        ? List.of()
                        : node.peers().stream().map(p -> p.id().toString()).toList();
        return new StringsCompleter(ids).complete(session, line, candidates);
    }
}
