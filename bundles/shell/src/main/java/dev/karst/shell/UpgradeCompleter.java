// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.Upgrades;
import java.util.List;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;

/** Features and bundles that can be replaced. */
@Service
public final class UpgradeCompleter implements Completer {
    @Reference(optional = true)
    private Upgrades upgrades;

    @Override
    public int complete(Session session, CommandLine line, List<String> candidates) {
        List<String> names = upgrades == null ? List.of() : upgrades.replaceable();
        return new StringsCompleter(names).complete(session, line, candidates);
    }
}
