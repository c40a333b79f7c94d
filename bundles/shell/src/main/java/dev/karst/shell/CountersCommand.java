// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.io.PrintStream;
import java.util.TreeMap;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(scope = "karst", name = "counters", description = "Shows counters: drops, rejects, limits")
public final class CountersCommand extends KarstCommand {

    @Argument(name = "filter", description = "Only counters whose name contains this")
    private String filter;

    @Override
    void run(PrintStream out) throws Exception {

        Tables table =
                new Tables(
                        "no counters" + (filter == null ? "" : " contain \"" + filter + "\""),
                        "Counter",
                        ">Value");
        new TreeMap<>(admin().counters())
                .forEach(
                        (name, value) -> {
                            if (filter == null || name.contains(filter)) {
                                table.row(name, value);
                            }
                        });
        table.print(out);
    }
}
