// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.Peer;
import dev.karst.PipeOptions;
import dev.karst.StreamPipe;
import java.util.concurrent.TimeUnit;

/**
 * 4 GiB through a pipe, both ends in one process with a small heap: memory is bounded or it dies.
 */
public final class BigTransfer {
    private BigTransfer() {}

    public static void main(String[] args) throws Exception {
        long gib = args.length > 0 ? Long.parseLong(args[0]) : 4;
        boolean equal;
        long began = System.nanoTime();
        try (LocalNode a = new LocalNode();
                LocalNode b = new LocalNode()) {
            Hashed.serve(b);
            Peer peer =
                    a.node().connect(b.address()).toCompletableFuture().get(20, TimeUnit.SECONDS);
            StreamPipe pipe =
                    peer.openStream(Hashed.PROTOCOL, PipeOptions.defaults())
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS);
            equal = Hashed.send(pipe, gib << 30, Long.MAX_VALUE >> 34);
        }
        System.out.printf(
                "RESULT gib=%d hash_equal=%b heap_max_mib=%d seconds=%d%n",
                gib,
                equal,
                Runtime.getRuntime().maxMemory() >> 20,
                (System.nanoTime() - began) / 1_000_000_000L);
        System.exit(equal ? 0 : 1);
    }
}
