// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.karaf.shell.support.CommandException;

/** Waits for the core on the thread of the shell. */
final class Wait {
    private static final int STEP_MILLIS = 100;

    private Wait() {}

    /**
     * Waits up to {@code seconds}.
     *
     * @param what shown if it takes longer
     * @param look called ten times a second meanwhile
     * @throws RuntimeException what the stage failed with, if unchecked
     */
    static <T> T on(CompletionStage<T> stage, int seconds, String what, Runnable look)
            throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        stage.whenComplete(
                (v, e) -> {
                    if (e == null) {
                        result.complete(v);
                    } else {
                        result.completeExceptionally(e);
                    }
                });
        for (long step = 0; step < seconds * 1000L / STEP_MILLIS || step == 0; step++) {
            try {
                T value = result.get(STEP_MILLIS, TimeUnit.MILLISECONDS);
                look.run();
                return value;
            } catch (TimeoutException e) {
                look.run();
            } catch (ExecutionException e) {
                look.run();
                throw thrown(e.getCause());
            }
        }
        throw late(what, seconds);
    }

    static <T> T on(CompletionStage<T> stage, int seconds, String what) throws Exception {
        return on(stage, seconds, what, () -> {});
    }

    private static CommandException late(String what, int seconds) {
        return Failures.because(what + " took longer than " + seconds + " s", null);
    }

    private static Exception thrown(Throwable cause) {
        Throwable t = cause;
        while (t instanceof java.util.concurrent.CompletionException && t.getCause() != null) {
            t = t.getCause();
        }
        return t instanceof Exception e ? e : new IllegalStateException(t);
    }
}
