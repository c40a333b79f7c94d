// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.tcppunch;

import dev.karst.IpAddresses;
import dev.karst.Subscription;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * One attempt: agree on a moment, knock, prove. The initiator proves one connection after the
 * other, the other side each that stands; so one is chosen. Runs on the attempt's executor.
 */
final class PunchRun {
    private static final int LOWEST_PORT = 20_000;
    private static final int PORTS = 40_000;
    private static final int SAMPLES = 2;
    private static final int ASKS = 6;
    private static final Duration ASK_AGAIN = Duration.ofMillis(700);
    private static final Duration MARGIN = Duration.ofMillis(30);
    private static final Duration GO_AGAIN = Duration.ofMillis(100);
    private static final Duration WINDOW = Duration.ofSeconds(4);
    private static final Duration NEVER_ASKED = Duration.ofSeconds(8);
    private static final long LATEST = Duration.ofSeconds(10).toNanos();

    private final Attempt attempt;
    private final CompletableFuture<Path> result;
    private final long began;
    private final int port;
    private final List<InetSocketAddress> own;
    private final Clocks clocks = new Clocks();
    private final List<Knocker> knockers = new ArrayList<>();
    private final Deque<TcpSocket> opened = new ArrayDeque<>();
    private List<InetSocketAddress> theirs = List.of();
    private int asks;
    private int proving;
    private boolean going;
    private boolean windowOver;
    private boolean over;

    PunchRun(Attempt attempt, CompletableFuture<Path> result) {
        this.attempt = attempt;
        this.result = result;
        began = attempt.scope().nanoTime();
        port = LOWEST_PORT + attempt.scope().random().nextInt(PORTS);
        own = Outside.places(attempt.localNat(), port);
    }

    void begin() {
        Subscription onCancel =
                attempt.scope()
                        .onCancel(
                                () ->
                                        result.completeExceptionally(
                                                new CancellationException("cancelled")));
        result.whenComplete((path, e) -> onCancel.close());
        attempt.scope()
                .executor()
                .execute(
                        () -> {
                            try {
                                start();
                            } catch (RuntimeException e) { // the core refuses, and says why
                                fail(reason(e));
                            }
                        });
    }

    private void start() {
        if (own.isEmpty()) {
            fail("this node does not know its address outside: no STUN server told it");
            return;
        }
        attempt.evidence("from port " + port + ", expected outside as " + text(own));
        attempt.told(m -> Note.read(m).ifPresentOrElse(this::told, this::unread));
        if (attempt.initiator()) {
            ask();
        } else {
            attempt.scope()
                    .after(
                            NEVER_ASKED,
                            () -> {
                                if (!going) {
                                    fail("the peer named no moment to start");
                                }
                            });
        }
    }

    private void unread() {
        attempt.scope().count("tcppunch.bad-message");
    }

    private void ask() {
        if (over || going || clocks.samples() >= SAMPLES) {
            return;
        }
        if (asks++ == ASKS) {
            fail("the peer does not answer messages");
            return;
        }
        tell(Note.ask(attempt.scope().nanoTime(), own));
        attempt.scope()
                .after(
                        ASK_AGAIN,
                        () -> {
                            if (clocks.samples() > 0) {
                                go();
                            } else {
                                ask();
                            }
                        });
    }

    private void tell(Note n) {
        attempt.tell(n.bytes())
                .whenComplete(
                        (x, e) -> {
                            if (e != null) {
                                attempt.scope().count("tcppunch.not-told");
                                attempt.evidence("a message was not sent: " + reason(e));
                            }
                        });
    }

    private void told(Note n) {
        long now = attempt.scope().nanoTime();
        boolean toInitiator = n.kind() == Note.Kind.REPLY;
        if (over || going || toInitiator != attempt.initiator()) {
            return;
        }
        switch (n.kind()) {
            case ASK -> {
                theirs = n.places();
                tell(Note.reply(n, now, own));
            }
            case REPLY -> {
                theirs = n.places();
                clocks.sample(n.first(), n.second(), now);
                if (clocks.samples() >= SAMPLES) {
                    go();
                } else {
                    ask();
                }
            }
            default -> schedule(n.first(), now);
        }
    }

    /** The initiator names the moment: when the message must have arrived. */
    private void go() {
        if (over || going) {
            return;
        }
        long now = attempt.scope().nanoTime();
        long at = now + clocks.rtt() + MARGIN.toNanos();
        attempt.evidence(
                "start in "
                        + (at - now) / 1_000_000
                        + " ms, together within "
                        + clocks.rtt() / 2_000_000
                        + " ms");
        Note go = Note.go(clocks.theirs(at));
        tell(go);
        attempt.scope()
                .after(
                        GO_AGAIN,
                        () -> {
                            if (!over && opened.isEmpty()) {
                                tell(go);
                            }
                        });
        schedule(at, now);
    }

    private void schedule(long at, long now) {
        going = true;
        if (at - now > LATEST) {
            fail("the peer wants to start in " + (at - now) / 1_000_000_000 + " s");
            return;
        }
        attempt.scope().after(Duration.ofNanos(Math.max(0, at - now)), this::knock);
    }

    private void knock() {
        if (over) {
            return;
        }
        if (theirs.isEmpty()) {
            fail("the peer does not know its address outside");
            return;
        }
        attempt.evidence("knocks at " + text(theirs) + after());
        InetSocketAddress local = new InetSocketAddress(port);
        for (InetSocketAddress to : theirs) {
            Knocker k = new Knocker(attempt, local, to, this::opened);
            knockers.add(k);
            k.knock();
        }
        attempt.scope().after(WINDOW, this::windowOver);
    }

    private void opened(TcpSocket s) {
        if (over) {
            s.close();
            return;
        }
        attempt.evidence("connected to " + IpAddresses.text(s.remote()) + after());
        opened.add(s);
        next();
    }

    private void next() {
        while (!opened.isEmpty() && (proving == 0 || !attempt.initiator())) {
            TcpSocket s = opened.poll();
            InetSocketAddress to = s.remote();
            proving++;
            attempt.over(s)
                    .thenCompose(attempt::prove)
                    .whenComplete(
                            (path, e) ->
                                    attempt.scope().executor().execute(() -> proven(to, path, e)));
        }
    }

    private void proven(InetSocketAddress to, Path path, Throwable e) {
        proving--;
        if (e == null) {
            attempt.evidence(IpAddresses.text(to) + " proved the peer" + after());
            end();
            if (!result.complete(path)) {
                path.close();
            }
        } else {
            attempt.evidence(IpAddresses.text(to) + " not proven: " + reason(e));
            next();
            exhausted();
        }
    }

    private void windowOver() {
        windowOver = true;
        exhausted();
    }

    private void exhausted() {
        if (over || !windowOver || proving > 0 || !opened.isEmpty()) {
            return;
        }
        knockers.forEach(k -> attempt.evidence(k.toString()));
        fail("no SYN met the peer's within " + WINDOW.toSeconds() + " s: " + knockers);
    }

    private void fail(String why) {
        if (!over) {
            end();
            result.completeExceptionally(new NoPathException(why));
        }
    }

    private void end() {
        over = true;
        knockers.forEach(Knocker::end);
        opened.forEach(TcpSocket::close);
        opened.clear();
    }

    private String after() {
        return " after " + (attempt.scope().nanoTime() - began) / 1_000_000 + " ms";
    }

    private static String text(List<InetSocketAddress> all) {
        return String.join(" and ", all.stream().map(IpAddresses::text).toList());
    }

    private static String reason(Throwable e) {
        Throwable t = e;
        while (t instanceof CompletionException && t.getCause() != null) {
            t = t.getCause();
        }
        return t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
    }
}
