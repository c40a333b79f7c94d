// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What the tests of one detection share: scope, sockets, evidence. Of the executor alone. */
final class Run {
    private final Scope scope;
    private final InetAddress bind;
    private final Consumer<Throwable> failed;
    private final Set<StunSocket> open = new LinkedHashSet<>();
    private final List<String> evidence = new ArrayList<>();
    private final long began;
    private int packets;

    /**
     * Begins.
     *
     * @param bind the local address of the shared socket
     * @param failed told of a defect, which must not leave the detection without an end
     */
    Run(Scope scope, InetAddress bind, Consumer<Throwable> failed) {
        this.scope = scope;
        this.bind = bind;
        this.failed = failed;
        began = scope.nanoTime();
    }

    Scope scope() {
        return scope;
    }

    InetAddress bind() {
        return bind;
    }

    long now() {
        return scope.nanoTime();
    }

    /** Nanoseconds since the beginning. */
    long elapsed() {
        return now() - began;
    }

    void say(String line) {
        if (evidence.size() < dev.karst.spi.nat.NatBehavior.MAX_EVIDENCE) {
            evidence.add(line);
        }
    }

    List<String> evidence() {
        return evidence;
    }

    void sent() {
        packets++;
    }

    /** UDP packets sent so far. */
    int packets() {
        return packets;
    }

    String sofar() {
        return packets + " packets, " + TimeUnit.NANOSECONDS.toMillis(elapsed()) + " ms";
    }

    /** Runs it on the executor. */
    void soon(Runnable task) {
        scope.executor().execute(() -> guard(task));
    }

    Subscription after(long nanos, Runnable task) {
        return scope.after(Duration.ofNanos(nanos), () -> guard(task));
    }

    <T> void then(CompletionStage<T> stage, BiConsumer<? super T, Throwable> told) {
        stage.whenComplete((v, e) -> soon(() -> told.accept(v, e)));
    }

    private void guard(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            failed.accept(e);
        }
    }

    /** A socket of our own, empty if that port is taken; 0 picks one. */
    void bind(int port, Consumer<Optional<StunSocket>> told) {
        CompletionStage<UdpSocket> bound =
                scope.network().bindUdp(new InetSocketAddress(bind, port));
        then(
                bound,
                (socket, e) -> {
                    if (e != null) {
                        told.accept(Optional.empty());
                        return;
                    }
                    StunSocket s = new StunSocket(this, socket);
                    open.add(s);
                    s.start();
                    told.accept(Optional.of(s));
                });
    }

    void close(StunSocket s) {
        open.remove(s);
        s.close();
    }

    void closeAll() {
        open.forEach(StunSocket::close);
        open.clear();
    }
}
