// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.AccessPolicy;
import dev.karst.Peer;
import dev.karst.PeerId;
import dev.karst.PipeAcceptor;
import dev.karst.StreamPipe;
import dev.karst.Subscription;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = "karst",
        name = "receive",
        description = "Receives files that peers send with karst:send",
        detailedDescription =
                "Takes files one after the other, until the time is over, the count is reached or"
                        + " it is interrupted. Files that exist are never overwritten.")
public final class ReceiveCommand extends KarstCommand {
    private static final int WAITING = 8;
    private static final int ANSWER_SECONDS = 30;

    @Option(name = "-d", aliases = "--dir", description = "Where to put them; default: here")
    private String directory = "";

    @Option(
            name = "-f",
            aliases = "--from",
            description = "Id of a peer that may send (repeat for more), or the word any",
            multiValued = true)
    @Completion(PeerCompleter.class)
    private List<String> from;

    @Option(name = "-n", aliases = "--count", description = "Files to take; 0 = no limit")
    private String files = "0";

    @Option(name = "-t", aliases = "--timeout", description = "Seconds to wait in all")
    private String timeout = "3600";

    @Override
    void run(PrintStream out) throws Exception {
        int count = Numbers.parse("--count", files, 0, Integer.MAX_VALUE);
        int seconds = Numbers.parse("--timeout", timeout, 1, 604_800);
        Path into = session().currentDir().resolve(directory).normalize();
        if (!Files.isDirectory(into) || !Files.isWritable(into)) {
            throw Failures.because(into + " is not a directory to write to", null);
        }
        BlockingQueue<StreamPipe> offered = new ArrayBlockingQueue<>(WAITING);
        PipeAcceptor acceptor =
                new PipeAcceptor() {
                    @Override
                    public void stream(Peer peer, StreamPipe pipe) {
                        if (!offered.offer(pipe)) {
                            pipe.close();
                        }
                    }
                };
        try (Subscription open = accept(acceptor)) {
            out.println("receiving into " + into);
            Stopwatch time = new Stopwatch();
            int taken = 0;
            for (long left; (left = seconds * 1000L - time.millis()) > 0; ) {
                StreamPipe pipe = offered.poll(left, TimeUnit.MILLISECONDS);
                if (pipe != null && take(pipe, into, out) && ++taken == count) {
                    break;
                }
            }
            out.println("received " + taken + " file(s)");
            if (taken < count) {
                throw Failures.because("only " + taken + " of " + count + " files came", null);
            }
        } finally {
            for (StreamPipe p; (p = offered.poll()) != null; ) {
                p.close();
            }
        }
    }

    private Subscription accept(PipeAcceptor acceptor) throws CommandException {
        try {
            return node().accept(FileProtocol.ID, policy(), acceptor);
        } catch (IllegalStateException e) {
            throw Failures.because("another karst:receive runs already", e);
        }
    }

    private AccessPolicy policy() throws CommandException {
        if (from == null || from.isEmpty()) {
            throw Failures.because(
                    "say who may send: --from <peer id>, or --from any for everybody", null);
        }
        if (from.equals(List.of("any"))) {
            return AccessPolicy.any();
        }
        Set<PeerId> ids = new LinkedHashSet<>();
        for (String f : from) {
            ids.add(Who.id(f, node()));
        }
        return ids::contains;
    }

    /** Returns whether the file came; a failed transfer does not end the command. */
    private boolean take(StreamPipe pipe, Path into, PrintStream out) throws Exception {
        Progress[] progress = new Progress[1];
        AtomicReference<CompletionStage<Void>> answered = new AtomicReference<>();
        String who = pipe.peer().brief();
        try (pipe) {
            try {
                FileProtocol.Received r =
                        FileProtocol.receive(
                                pipe.blocking(),
                                into,
                                (name, length) -> {
                                    out.println(who + " sends " + name + ", " + Text.bytes(length));
                                    progress[0] =
                                            new Progress("received", length, new Stopwatch(), out);
                                    return progress[0];
                                },
                                () -> answered.set(pipe.finish()));
                out.println(progress[0].summary() + ", stored as " + r.path().getFileName());
                return true;
            } catch (IOException e) {
                out.println("nothing received from " + who + ": " + FileProtocol.why(e));
                return false;
            } finally {
                awaitArrival(answered.get());
            }
        }
    }

    /** To close before the sender has the answer would take it away from it. */
    private static void awaitArrival(CompletionStage<Void> answer) throws Exception {
        if (answer != null) {
            Wait.on(answer.exceptionally(e -> null), ANSWER_SECONDS, "the answer");
        }
    }
}
