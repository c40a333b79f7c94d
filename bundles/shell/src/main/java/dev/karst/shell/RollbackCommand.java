// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.io.PrintStream;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "rollback",
        description = "Takes a replacement back: the version before it comes again",
        detailedDescription = "Without a number the last one. karst:swap-history lists them.")
public final class RollbackCommand extends KarstCommand {
    @Argument(name = "number", description = "As in karst:swap-history")
    private String number;

    @Option(name = "--json", description = "The result as one line of JSON")
    private boolean json;

    @Override
    void run(PrintStream out) throws Exception {
        Optional<Integer> which =
                number == null
                        ? Optional.empty()
                        : Optional.of(Numbers.parse("number", number, 1, 1_000_000_000));
        new UpgradeRun(upgrades(), out, json).run((u, p) -> u.rollback(which, p));
    }
}
