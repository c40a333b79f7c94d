// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.ProviderInfo;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "providers",
        description = "Lists the installed providers and what hangs on them",
        detailedDescription =
                "Name one as kind/name#generation, as in karst:drain crypto/jca#3. Calls: what"
                        + " succeeded of what was tried; RTT: median of the paths that hang on it.")
public final class ProvidersCommand extends KarstCommand {

    @Option(
            name = "-v",
            aliases = "--verbose",
            description = "The bundle of each, what it holds, and its last errors")
    private boolean details;

    @Option(name = "--json", description = "All of it as one line of JSON")
    private boolean json;

    @Override
    void run(PrintStream out) throws Exception {
        List<ProviderInfo> providers = admin().providers();
        if (json) {
            out.println(Json.of(providers.stream().map(ProvidersCommand::values).toList()));
            return;
        }
        Tables table =
                new Tables(
                        "no providers: install features",
                        "Provider",
                        "Version",
                        "State",
                        ">Calls",
                        ">RTT",
                        "Holds",
                        ">Errors");
        for (ProviderInfo p : providers) {
            table.row(
                    p.ref(),
                    p.bundle().substring(p.bundle().indexOf(' ') + 1),
                    p.state(),
                    p.score().tried() == 0 ? "-" : p.score().succeeded() + "/" + p.score().tried(),
                    Text.duration(p.score().roundTrip()),
                    kinds(p.holds()),
                    p.errors().size());
        }
        table.print(out);
        if (details) {
            for (ProviderInfo p : providers) {
                out.println(p.ref() + " is of " + p.bundle() + ", ranking " + p.ranking());
                p.holds().forEach(h -> out.println(p.ref() + " holds " + Text.safe(h)));
                p.errors().forEach(e -> out.println(p.ref() + " error " + Text.safe(e)));
            }
        }
    }

    /** {@code 3 path, 1 lease}: a line begins with what it is, or with how many. */
    private static String kinds(List<String> holds) {
        Map<String, Long> count = new TreeMap<>();
        for (String line : holds) {
            String[] words = line.split(" ");
            boolean many = words.length > 1 && words[0].matches("\\d{1,9}");
            count.merge(many ? words[1] : words[0], many ? Long.parseLong(words[0]) : 1, Long::sum);
        }
        return count.entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey())
                .collect(Collectors.joining(", "));
    }

    private static Map<String, Object> values(ProviderInfo p) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("provider", p.ref().toString());
        out.put("kind", p.ref().kind());
        out.put("name", p.ref().name());
        out.put("generation", p.ref().generation());
        out.put("bundle", p.bundle());
        out.put("ranking", p.ranking());
        out.put("state", p.state());
        out.put("succeeded", p.score().succeeded());
        out.put("failed", p.score().failed());
        out.put("rttMs", p.score().roundTrip().toNanos() / 1e6);
        out.put("holds", p.holds());
        out.put("errors", p.errors());
        return out;
    }
}
