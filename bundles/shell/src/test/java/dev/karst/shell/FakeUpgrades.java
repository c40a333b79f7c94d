// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.Upgrades;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Does what it is told: {@code good} is done, {@code stuck} waits to be called off. */
final class FakeUpgrades implements Upgrades {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final CompletableFuture<Outcome> stuck = new CompletableFuture<>();

    @Override
    public CompletionStage<Outcome> upgrade(Request r, Consumer<String> progress) {
        calls.add(r.toString());
        progress.accept("canary: 12 of 12 succeeded against 30 of 31");
        return switch (r.version()) {
            case "good" -> done(Result.DONE, "");
            case "stuck" -> stuck;
            default -> done(Result.ROLLED_BACK, "it is worse");
        };
    }

    private static CompletionStage<Outcome> done(Result result, String why) {
        return CompletableFuture.completedFuture(new Outcome(result, why, List.of("one", "two")));
    }

    @Override
    public CompletionStage<Outcome> rollback(Optional<Integer> number, Consumer<String> progress) {
        calls.add("rollback " + number);
        return done(Result.DONE, "");
    }

    @Override
    public void abort() {
        calls.add("abort");
        stuck.complete(new Outcome(Result.ROLLED_BACK, "called off", List.of()));
    }

    @Override
    public List<String> replaceable() {
        return List.of("karst-transport-tcp", "dev.karst.transport.tcp");
    }

    @Override
    public List<String> versions(String what) {
        return what.equals("karst-transport-tcp") ? List.of("0.2.0") : List.of();
    }

    @Override
    public List<Entry> history() {
        return List.of(
                new Entry(
                        7,
                        Instant.EPOCH,
                        "karst-transport-tcp",
                        "dev.karst.transport.tcp 0.1.0",
                        "dev.karst.transport.tcp 0.2.0",
                        Result.ROLLED_BACK,
                        "50 % of 12 succeeded",
                        Duration.ofSeconds(20),
                        Optional.of("mvn:dev.karst/dev.karst.transport.tcp/0.1.0")));
    }
}
