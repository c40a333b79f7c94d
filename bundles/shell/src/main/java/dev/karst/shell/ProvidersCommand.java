// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.ProviderInfo;
import java.io.PrintStream;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "providers",
        description = "Lists the installed providers and what hangs on them",
        detailedDescription = "Name one as kind/name#generation, as in karst:drain crypto/jca#3.")
public final class ProvidersCommand extends KarstCommand {

    @Option(
            name = "-v",
            aliases = "--verbose",
            description = "What each holds, and its last errors")
    private boolean details;

    @Override
    void run(PrintStream out) throws Exception {

        Tables table =
                new Tables(
                        "no providers: install features",
                        "Provider",
                        "Bundle",
                        ">Ranking",
                        "State",
                        ">Holds",
                        ">Errors");
        List<ProviderInfo> providers = admin().providers();
        for (ProviderInfo p : providers) {
            table.row(
                    p.ref(),
                    p.bundle(),
                    p.ranking(),
                    p.state(),
                    p.holds().size(),
                    p.errors().size());
        }
        table.print(out);
        if (details) {
            for (ProviderInfo p : providers) {
                p.holds().forEach(h -> out.println(p.ref() + " holds " + Text.safe(h)));
                p.errors().forEach(e -> out.println(p.ref() + " error " + Text.safe(e)));
            }
        }
    }
}
