// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.Upgrades.Request;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "upgrade",
        description = "Replaces a provider by another version while it runs",
        detailedDescription =
                "Installs the new version beside the old one, lets it serve a share of the peers,"
                        + " drains and removes the old one, and makes the new one the installed"
                        + " one. What is worse is rolled back by itself, and so is what you"
                        + " interrupt.")
public final class UpgradeCommand extends KarstCommand {
    @Argument(
            name = "what",
            description = "A feature, as karst-transport-tcp, or the symbolic name of a bundle",
            required = true)
    @Completion(UpgradeCompleter.class)
    private String what;

    @Argument(
            index = 1,
            name = "version",
            description = "Of the feature or bundle, or the URL of the new bundle",
            required = true)
    @Completion(VersionCompleter.class)
    private String version;

    @Option(
            name = "--canary",
            description = "Percent of the peers that it serves first; 0 for none",
            valueToShowInHelp = "10")
    private String canary = "10";

    @Option(
            name = "--watch",
            description = "How long it is watched before it serves all",
            valueToShowInHelp = "60s")
    private String watch = "60s";

    @Option(
            name = "--drain",
            description = "How long the old version may take to be free; 0 cuts off what is left",
            valueToShowInHelp = "30s")
    private String drain = "30s";

    @Option(name = "--json", description = "The result as one line of JSON")
    private boolean json;

    @Override
    void run(PrintStream out) throws Exception {
        Request request =
                new Request(
                        what,
                        version,
                        Numbers.share("--canary", canary),
                        Numbers.time("--watch", watch),
                        Numbers.time("--drain", drain));
        new UpgradeRun(upgrades(), out, json).run((u, p) -> u.upgrade(request, p));
    }
}
