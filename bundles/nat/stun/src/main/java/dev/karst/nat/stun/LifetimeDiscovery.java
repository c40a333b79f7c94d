// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.nat.stun.Question.Pace;
import dev.karst.nat.stun.Question.What;
import dev.karst.spi.nat.MappingLifetime;
import dev.karst.spi.nat.MappingLifetime.Refresh;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How long an idle mapping lives: sockets that were used once are looked at after growing times.
 * Where the server can (RFC 5780 section 4.6, RESPONSE-PORT), another socket asks it to write to
 * the idle one, which does not touch the mapping from inside; else the idle one asks whether it is
 * still mapped to the same port, which tells nothing where ports are preserved.
 *
 * <p>Times grow by less than 1.9, so that a mapping which was used once more, shortly before the
 * longest time it is known to live, is either seen alive after the shortest time it is known to be
 * dead, or its life is absolute. A few dozen packets within ten minutes.
 */
final class LifetimeDiscovery {
    private static final int[] IDLE = {15, 25, 45, 75, 125, 210, 300};
    private static final double JUST_BEFORE = 0.95;
    private static final double JUST_AFTER = 1.02;
    private static final int TRIES = 3;
    private static final long SECOND = 1_000_000_000;

    private final Run run;
    private final Server server;
    private final boolean portTells;
    private final Runnable told;

    private final List<Idle> idles = new ArrayList<>();
    private StunSocket asker;
    private boolean responsePort;
    private int alive;
    private int dead;
    private Refresh refresh = Refresh.UNKNOWN;
    private boolean over;

    /** A socket that waits. */
    private record Idle(StunSocket socket, InetSocketAddress mapped) {}

    @FunctionalInterface
    private interface Seen {
        /** Empty: cannot be told. */
        void alive(Optional<Boolean> alive);
    }

    /**
     * Prepares.
     *
     * @param portTells whether a new mapping would have another port
     * @param told after each thing learnt
     */
    LifetimeDiscovery(Run run, Server server, boolean portTells, Runnable told) {
        this.run = run;
        this.server = server;
        this.portTells = portTells;
        this.told = told;
    }

    MappingLifetime result() {
        return new MappingLifetime(
                Duration.ofSeconds(alive),
                dead == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(dead)),
                refresh);
    }

    void begin() {
        run.bind(
                0,
                s -> {
                    asker = s.orElse(null);
                    if (asker != null) {
                        open(this::tryResponsePort);
                    }
                });
    }

    /** Makes a mapping; nothing happens if that fails. */
    private void open(Consumer<Idle> then) {
        run.bind(
                0,
                s ->
                        s.ifPresent(
                                socket ->
                                        socket.ask(
                                                What.binding(server.address()),
                                                Pace.of(server, TRIES),
                                                a -> opened(socket, a, then))));
    }

    private void opened(StunSocket socket, Optional<Answer> a, Consumer<Idle> then) {
        Optional<InetSocketAddress> mapped = a.flatMap(Answer::mapped);
        if (mapped.isPresent() && !over) {
            then.accept(new Idle(socket, mapped.get()));
        } else {
            run.close(socket);
        }
    }

    private void tryResponsePort(Idle first) {
        knock(
                first,
                came -> {
                    responsePort = came;
                    run.close(first.socket());
                    if (!came && !portTells) {
                        run.say(
                                "mapping lifetime: ports are preserved and "
                                        + server
                                        + " does not write to another port: unknown");
                        end();
                        return;
                    }
                    for (int i = 0; i < IDLE.length; i++) {
                        int seconds = IDLE[i];
                        open(idle -> waitFor(idle, seconds));
                    }
                });
    }

    private void waitFor(Idle idle, int seconds) {
        idles.add(idle);
        run.after(seconds * SECOND, () -> look(idle, seconds));
    }

    private void look(Idle idle, int seconds) {
        if (over || dead != 0) {
            return;
        }
        check(
                idle,
                lives -> {
                    run.close(idle.socket());
                    if (over || dead != 0) {
                        return;
                    }
                    if (lives.isEmpty()) {
                        run.say("no answer after " + seconds + " s: that tells nothing");
                    } else if (lives.get()) {
                        alive = Math.max(alive, seconds);
                        told.run();
                    } else {
                        died(seconds);
                    }
                    if (seconds == IDLE[IDLE.length - 1] && dead == 0) {
                        run.say("an idle mapping lives " + alive + " s or longer");
                        end();
                    }
                });
    }

    private void died(int seconds) {
        dead = seconds;
        run.say("an idle mapping lives " + alive + " s and is gone after " + dead + " s");
        idles.forEach(i -> run.close(i.socket()));
        idles.clear();
        told.run();
        if (alive == 0) {
            end();
        } else {
            open(this::keep);
        }
    }

    /** Uses a mapping once more while it surely lives, and looks when an idle one would be dead. */
    private void keep(Idle idle) {
        idles.add(idle);
        long used = (long) (alive * SECOND * JUST_BEFORE);
        long looked = (long) (dead * SECOND * JUST_AFTER);
        run.after(
                used,
                () ->
                        idle.socket()
                                .ask(
                                        What.binding(server.address()),
                                        Pace.of(server, TRIES),
                                        a -> {}));
        run.after(
                looked,
                () ->
                        check(
                                idle,
                                lives -> {
                                    lives.ifPresent(this::refreshed);
                                    end();
                                }));
    }

    private void refreshed(boolean lives) {
        refresh = lives ? Refresh.SLIDING : Refresh.ABSOLUTE;
        run.say("a mapping that was used meanwhile is then " + (lives ? "alive" : "gone, too"));
        told.run();
    }

    // ---- alive or not

    private void check(Idle idle, Seen seen) {
        if (responsePort) {
            knock(
                    idle,
                    came -> {
                        if (came) {
                            seen.alive(Optional.of(true));
                        } else {
                            // silence counts only if the server is not dead itself
                            ask(idle, same -> seen.alive(same.map(s -> false)));
                        }
                    });
        } else {
            ask(idle, seen);
        }
    }

    /** Whether it is still mapped to the same; empty without an answer. */
    private void ask(Idle idle, Seen seen) {
        idle.socket()
                .ask(
                        What.binding(server.address()),
                        Pace.of(server, TRIES),
                        a -> seen.alive(a.flatMap(Answer::mapped).map(idle.mapped()::equals)));
    }

    /** Has the server write to the idle socket. */
    private void knock(Idle idle, Consumer<Boolean> came) {
        asker.ask(
                What.respondTo(server.address(), idle.mapped().getPort(), idle.socket()),
                Pace.of(server, TRIES),
                a -> came.accept(a.isPresent() && !a.get().error()));
    }

    private void end() {
        over = true;
        idles.forEach(i -> run.close(i.socket()));
        idles.clear();
        run.close(asker);
        told.run();
    }
}
