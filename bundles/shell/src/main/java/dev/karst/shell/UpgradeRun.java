// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.Upgrades;
import dev.karst.admin.Upgrades.Outcome;
import dev.karst.admin.Upgrades.Result;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.apache.karaf.shell.support.CommandException;

/** Shows a replacement as it goes on; an interrupt takes it back. */
final class UpgradeRun {
    private static final int LIMIT_SECONDS = 90_000;
    private static final int BACK_SECONDS = 120;

    private final Upgrades upgrades;
    private final PrintStream out;
    private final boolean json;
    private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();

    /** What begins it; it tells its steps to the consumer. */
    interface Start {
        CompletionStage<Outcome> with(Upgrades upgrades, Consumer<String> progress);
    }

    UpgradeRun(Upgrades upgrades, PrintStream out, boolean json) {
        this.upgrades = upgrades;
        this.out = out;
        this.json = json;
    }

    /**
     * @throws CommandException unless it was done
     */
    void run(Start start) throws Exception {
        CompletionStage<Outcome> stage = start.with(upgrades, lines::add);
        Outcome outcome;
        try {
            outcome = Wait.on(stage, LIMIT_SECONDS, "the replacement", this::show);
        } catch (InterruptedException e) {
            upgrades.abort();
            outcome = Wait.on(stage, BACK_SECONDS, "rolling back", this::show);
        }
        if (json) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("result", outcome.result().name());
            values.put("why", outcome.why());
            values.put("steps", outcome.steps());
            out.println(Json.of(values));
        }
        if (outcome.result() != Result.DONE) {
            throw Failures.because(outcome.result() + ": " + outcome.why(), null);
        }
        if (!json) {
            out.println("done" + (outcome.why().isEmpty() ? "" : ", but " + outcome.why()));
        }
    }

    private void show() {
        for (String line; (line = lines.poll()) != null; ) {
            if (!json) {
                out.println(Text.safe(line));
            }
        }
    }
}
