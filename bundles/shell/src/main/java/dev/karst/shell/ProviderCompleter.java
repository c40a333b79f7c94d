// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.Admin;
import java.util.List;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;

/** Providers, as in {@code crypto/jca#3}. */
@Service
public final class ProviderCompleter implements Completer {
    @Reference(optional = true)
    private Admin admin;

    @Override
    public int complete(Session session, CommandLine line, List<String> candidates) {
        List<String> refs =
                admin == null
                        ? List.of()
                        : admin.providers().stream().map(p -> p.ref().toString()).toList();
        return new StringsCompleter(refs).complete(session, line, candidates);
    }
}
