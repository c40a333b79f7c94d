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
    private final List<Line> lines = new ArrayList<>(); // guarded by this

    /**
     * What a node told.
     *
     * @param at as {@link System#nanoTime} has it
     */
    record Line(long at, String who, String text) {}

    EventLog(String name, MatrixNode... nodes) throws IOException {
        Path folder = Nodes.root().orElseThrow().resolve("itests/natlab/target");
        Files.createDirectories(folder);
        out = new PrintStream(Files.newOutputStream(folder.resolve(name + ".log")), true);
        for (MatrixNode n : nodes) {
            listening.add(n.shell.listen("karst:watch 3600", line -> line(n.host, line)));
        }
    }

    private synchronized void line(String who, String text) {
        lines.add(new Line(System.nanoTime(), who, text));
        out.printf("%8d %s %s%n", (System.nanoTime() - begin) / 1_000_000, who, text);
    }

    void add(String what, String more) {
        line("----", what);
        more.lines().forEach(out::println);
    }

    /** What that node told since then. */
    synchronized List<Line> since(long at, MatrixNode node) {
        return lines.stream().filter(l -> l.at >= at && l.who.equals(node.host)).toList();
    }

    @Override
    public void close() throws IOException {
        for (KarstShell.Listening l : listening) {
            l.close();
        }
        out.close();
    }
}
