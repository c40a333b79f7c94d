// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import com.sun.jna.LastErrorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A network namespace by name. Code enters it on a thread of its own, which ends there: a thread
 * that once changed its namespace must never serve anybody else, and sockets stay in the namespace
 * that they were opened in, whoever uses them.
 */
record NetNs(String name) {

    static final Path FOLDER = Path.of("/run/netns");

    Path file() {
        return FOLDER.resolve(name);
    }

    boolean exists() {
        return Files.exists(file());
    }

    /** Runs the task in this namespace and waits for it. */
    <T> T call(Callable<T> task) throws Exception {
        FutureTask<T> inside = new FutureTask<>(() -> enter(task));
        thread(inside).start();
        try {
            return inside.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Runs the task in this namespace, on a new daemon thread. */
    <T> CompletableFuture<T> start(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        thread(
                        () -> {
                            try {
                                result.complete(enter(task));
                            } catch (Throwable e) {
                                result.completeExceptionally(e);
                            }
                        })
                .start();
        return result;
    }

    private Thread thread(Runnable task) {
        Thread thread = new Thread(null, task, "netns-" + name, 256 * 1024);
        thread.setDaemon(true);
        return thread;
    }

    private <T> T enter(Callable<T> task) throws Exception {
        try {
            int fd = Libc.open(file().toString(), Libc.O_RDONLY);
            try {
                Libc.setns(fd, Libc.CLONE_NEWNET);
            } finally {
                Libc.close(fd);
            }
        } catch (LastErrorException e) {
            throw new LabException(
                    "cannot enter namespace " + name + ": errno " + e.getErrorCode());
        }
        return task.call();
    }
}
