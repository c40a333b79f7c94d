// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.NodeEvent;
import dev.karst.Peer;
import dev.karst.PeerState;
import dev.karst.PipeOptions;
import dev.karst.StreamPipe;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * 256 MiB through a pipe while the kernel kills the TCP connection under it ten times ({@code ss
 * -K}, needs root): the hash must be right and the pipe never closed.
 */
public final class KillTcp {
    private static final long TOTAL = 256L << 20;
    private static final long PER_SECOND = 64L << 20;
    private static final int KILLS = 10;

    private KillTcp() {}

    public static void main(String[] args) throws Exception {
        long seed = args.length > 0 ? Long.parseLong(args[0]) : System.nanoTime();
        System.out.println("seed " + seed);
        boolean equal;
        int closedUnderway;
        AtomicInteger closed = new AtomicInteger();
        AtomicInteger resumed = new AtomicInteger();
        AtomicLong longest = new AtomicLong();
        AtomicInteger killed = new AtomicInteger();
        try (LocalNode a = new LocalNode();
                LocalNode b = new LocalNode()) {
            Hashed.serve(b);
            Peer peer =
                    a.node().connect(b.address()).toCompletableFuture().get(20, TimeUnit.SECONDS);
            StreamPipe pipe =
                    peer.openStream(Hashed.PROTOCOL, PipeOptions.defaults())
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS);
            a.node()
                    .watch(
                            e -> {
                                if (e instanceof NodeEvent.Resumed r) {
                                    resumed.incrementAndGet();
                                    longest.accumulateAndGet(r.pause().toMillis(), Math::max);
                                } else if (e instanceof NodeEvent.PeerChanged c
                                        && c.state() == PeerState.CLOSED) {
                                    closed.incrementAndGet();
                                }
                            });
            int[] ports = {port(a), port(b)};
            Thread killer =
                    new Thread(
                            () -> {
                                Random random = new Random(seed);
                                try {
                                    for (int i = 0; i < KILLS; i++) {
                                        TimeUnit.MILLISECONDS.sleep(100 + random.nextInt(250));
                                        for (int p : ports) { // either side may have dialed
                                            killed.addAndGet(kill(p));
                                        }
                                    }
                                } catch (IOException | InterruptedException e) {
                                    e.printStackTrace();
                                }
                            });
            killer.start();
            equal = Hashed.send(pipe, TOTAL, PER_SECOND);
            killer.join();
            closedUnderway = closed.get();
            System.out.println(
                    "sessions: " + a.node().peers().size() + " and " + b.node().peers().size());
        }
        boolean ok = equal && closedUnderway == 0 && killed.get() >= KILLS && resumed.get() > 0;
        System.out.printf(
                "RESULT kills=%d hash_equal=%b closed=%d resumed=%d pause_max_ms=%d ok=%b%n",
                killed.get(), equal, closedUnderway, resumed.get(), longest.get(), ok);
        System.exit(ok ? 0 : 1);
    }

    private static int port(LocalNode n) {
        return n.node().listening().get(0).port();
    }

    private static int kill(int port) throws IOException, InterruptedException {
        Process p =
                new ProcessBuilder(
                                "ss",
                                "-K",
                                "-t",
                                "-n",
                                "-H",
                                "dst",
                                "127.0.0.1",
                                "dport",
                                "=",
                                "" + port)
                        .start();
        String out = new String(p.getInputStream().readAllBytes());
        p.waitFor();
        return out.isBlank() ? 0 : 1;
    }
}
