// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.tunnel.Exposed;
import dev.karst.tunnel.Tunnels;
import java.util.List;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;

/** Names of exposed services. */
@Service
public final class ExposedCompleter implements Completer {
    @Reference(optional = true)
    private Tunnels tunnels;

    @Override
    public int complete(Session session, CommandLine line, List<String> candidates) {
        List<String> names =
                tunnels == null
                        ? List.of()
                        : tunnels.exposed().stream().map(Exposed::name).toList();
        return new StringsCompleter(names).complete(session, line, candidates);
    }
}
