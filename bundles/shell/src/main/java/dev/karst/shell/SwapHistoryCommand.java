// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.Upgrades.Entry;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "swap-history",
        description = "Lists the replacements of providers, and what came of them")
public final class SwapHistoryCommand extends KarstCommand {
    @Option(name = "--json", description = "One line of JSON")
    private boolean json;

    @Override
    void run(PrintStream out) throws Exception {
        List<Entry> entries = upgrades().history();
        if (json) {
            out.println(Json.of(entries.stream().map(SwapHistoryCommand::values).toList()));
            return;
        }
        Tables table = new Tables("nothing was replaced yet", ">No", "At", "To", "From", "Result");
        for (Entry e : entries) {
            String from = e.from().substring(e.from().indexOf(' ') + 1);
            table.row(e.number(), e.at().truncatedTo(ChronoUnit.SECONDS), e.to(), from, e.result());
        }
        table.print(out);
        entries.stream()
                .filter(e -> !e.why().isEmpty())
                .forEach(e -> out.println(e.number() + ": " + Text.safe(e.why())));
    }

    private static Map<String, Object> values(Entry e) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("number", e.number());
        out.put("at", e.at().toString());
        out.put("what", e.what());
        out.put("from", e.from());
        out.put("to", e.to());
        out.put("result", e.result().name());
        out.put("why", e.why());
        out.put("tookMs", e.took().toMillis());
        out.put("backTo", e.backTo().orElse(""));
        return out;
    }
}
