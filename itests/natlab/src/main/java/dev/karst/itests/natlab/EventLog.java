// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What nodes tell while a check runs, with times of one clock, in {@code target/NAME.log}. */
final class EventLog implements AutoCloseable {
    private final long begin = System.nanoTime();
    private final PrintStream out;
    private final List<KarstShell.Listening> listening = new ArrayList<>();

    EventLog(String name, MatrixNode... nodes) throws IOException {
        Path folder = Nodes.root().orElseThrow().resolve("itests/natlab/target");
        Files.createDirectories(folder);
        out = new PrintStream(Files.newOutputStream(folder.resolve(name + ".log")), true);
        for (MatrixNode n : nodes) {
            listening.add(n.shell.listen("karst:watch 1000", line -> line(n.host, line)));
        }
    }

    private synchronized void line(String who, String text) {
        out.printf("%8d %s %s%n", (System.nanoTime() - begin) / 1_000_000, who, text);
    }

    void add(String what, String more) {
        line("----", what);
        more.lines().forEach(out::println);
    }

    @Override
    public void close() throws IOException {
        for (KarstShell.Listening l : listening) {
            l.close();
        }
        out.close();
    }
}
