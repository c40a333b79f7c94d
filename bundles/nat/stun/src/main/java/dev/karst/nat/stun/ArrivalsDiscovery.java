// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.nat.stun.Question.Pace;
import dev.karst.nat.stun.Question.What;
import java.util.function.BiConsumer;

/**
 * How many mappings others open on a NAT that numbers all of them in sequence: two mappings some
 * seconds apart, and how far the sequence went in between. In the background, by a few packets.
 */
final class ArrivalsDiscovery {
    /** By then the other background tests have made their own mappings. */
    private static final long START = 3_000_000_000L;

    private static final long WINDOW = 10_000_000_000L;
    private static final int TRIES = 3;

    private final Run run;
    private final Server server;
    private final int step;
    private final Runnable told;
    private double arrivals;

    ArrivalsDiscovery(Run run, Server server, int step, Runnable told) {
        this.run = run;
        this.server = server;
        this.step = step;
        this.told = told;
    }

    /** Per second. */
    double result() {
        return arrivals;
    }

    void begin() {
        run.after(
                START,
                () ->
                        look(
                                (from, at) ->
                                        run.after(
                                                WINDOW,
                                                () ->
                                                        look(
                                                                (to, then) ->
                                                                        end(
                                                                                from, to,
                                                                                then - at)))));
    }

    /** Makes a mapping: told its port and when, unless the order is not sure. */
    private void look(BiConsumer<Integer, Long> seen) {
        run.bind(
                0,
                s ->
                        s.ifPresent(
                                socket ->
                                        socket.ask(
                                                What.binding(server.address()),
                                                Pace.of(server, TRIES),
                                                a -> {
                                                    run.close(socket);
                                                    a.flatMap(Answer::mapped)
                                                            .ifPresent(
                                                                    m ->
                                                                            seen.accept(
                                                                                    m.getPort(),
                                                                                    run.now()));
                                                })));
    }

    private void end(int from, int to, long nanos) {
        int steps = (to - from) / step;
        if ((to - from) % step != 0 || steps < 1) {
            return; // the sequence began anew at its end, or was none
        }
        arrivals = (steps - 1) * 1e9 / nanos;
        run.say(String.format("others open %.1f mappings per second", arrivals));
        told.run();
    }
}
