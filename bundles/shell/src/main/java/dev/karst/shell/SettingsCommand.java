// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.io.PrintStream;
import java.util.TreeMap;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "settings",
        description = "Shows the settings in force, secrets left out")
public final class SettingsCommand extends KarstCommand {

    @Override
    void run(PrintStream out) throws Exception {

        Tables table = new Tables("no settings", "Setting", "Value");
        new TreeMap<>(admin().settings()).forEach(table::row);
        table.print(out);
    }
}
