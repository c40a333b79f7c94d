// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.Upgrades;
import java.util.ArrayList;
import java.util.List;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.api.console.Completer;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.completers.StringsCompleter;

/** Known versions of what stands before them on the line. */
@Service
public final class VersionCompleter implements Completer {
    @Reference(optional = true)
    private Upgrades upgrades;

    @Override
    public int complete(Session session, CommandLine line, List<String> candidates) {
        List<String> versions = new ArrayList<>();
        if (upgrades != null) {
            String[] words = line.getArguments();
            for (int i = 0; i < words.length && i < line.getCursorArgumentIndex(); i++) {
                versions.addAll(upgrades.versions(words[i]));
            }
        }
        return new StringsCompleter(versions).complete(session, line, candidates);
    }
}
