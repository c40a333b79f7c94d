// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.UdpSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Watches one gateway: hears its announcements, and, as many routers make none and a multicast may
 * be lost, asks it from time to time. Tells when its seconds began anew or its external address
 * changed. State belongs to the executor of the scope, but for what closing needs.
 */
public final class GatewayWatch implements Subscription {
    private static final byte[] ALL_V4 = {(byte) 224, 0, 0, 1};
    private static final byte[] ALL_V6 = {(byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    /** However often a gateway begins anew, so seldom it is told. */
    private static final Duration SELDOM = Duration.ofSeconds(2);

    private final Scope scope;
    private final Runnable forgot;
    private Watched watched;
    private Epoch epoch;
    private Optional<InetAddress> external = Optional.empty();
    private boolean telling;
    private long toldAt;
    private boolean told;
    private boolean joining;
    private UdpSocket group; // guarded by this
    private Subscription timer = () -> {}; // guarded by this
    private CompletableFuture<News> question; // guarded by this
    private volatile boolean closed;

    /**
     * What is watched, and how.
     *
     * @param name of the protocol: {@code natpmp}; what counters begin with
     * @param interfaceName where announcements come in
     * @param rule what the protocol says of its seconds
     * @param announcement reads one; empty if it is none, which is then the reader's to count
     * @param question asks the gateway
     */
    public record Watched(
            String name,
            InetAddress router,
            String interfaceName,
            Epoch.Rule rule,
            Exchange.Reader<News> announcement,
            Supplier<CompletableFuture<News>> question,
            Tuning tuning) {}

    private GatewayWatch(Scope scope, Runnable forgot) {
        this.scope = scope;
        this.forgot = forgot;
    }

    /**
     * Begins when it is known what to watch.
     *
     * @param watched where it fails, nothing is ever told
     * @param forgot called on the scope's executor
     */
    public static GatewayWatch begin(
            Scope scope, CompletionStage<Watched> watched, Runnable forgot) {
        GatewayWatch w = new GatewayWatch(scope, forgot);
        watched.thenAccept(what -> scope.executor().execute(() -> w.begin(what)));
        return w;
    }

    private void begin(Watched what) {
        watched = what;
        epoch = new Epoch(what.rule);
        tick();
    }

    private void tick() {
        if (closed) {
            return;
        }
        join();
        CompletableFuture<News> q = watched.question.get();
        double share = 0.9 + 0.2 * scope.random().nextDouble(); // hosts do not ask all at once
        long pause = (long) (watched.tuning.poll().toNanos() * share);
        Subscription next = scope.after(Duration.ofNanos(pause), this::tick);
        synchronized (this) {
            timer = next;
            question = q;
        }
        q.whenComplete(
                (news, e) -> { // no answer is no news: a gateway that restarts is silent, too
                    if (e == null) {
                        scope.executor().execute(() -> take(news, Duration.ZERO));
                    }
                });
        if (closed) {
            release();
        }
    }

    private void join() {
        synchronized (this) {
            if (group != null || joining) {
                return;
            }
        }
        joining = true;
        scope.network()
                .joinGroup(groupAddress(), watched.interfaceName)
                .whenComplete((s, e) -> scope.executor().execute(() -> joined(s)));
    }

    private InetSocketAddress groupAddress() {
        try {
            byte[] a = watched.router instanceof Inet6Address ? ALL_V6 : ALL_V4;
            return new InetSocketAddress(
                    InetAddress.getByAddress(a), watched.tuning.announcements());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private void joined(UdpSocket s) {
        joining = false;
        if (s == null) {
            scope.count(watched.name + ".no-multicast"); // asking must do
            return;
        }
        synchronized (this) {
            group = s;
        }
        Gate gate =
                new Gate(
                        scope,
                        watched.name,
                        from -> from.getAddress().equals(watched.router),
                        this::announced);
        s.start(
                new UdpSocket.Handler() {
                    @Override
                    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
                        gate.datagram(from, bytes);
                    }

                    @Override
                    public void closed() { // its interface is gone: the next tick tries again
                        synchronized (GatewayWatch.this) {
                            group = null;
                        }
                    }
                });
        if (closed) {
            release();
        }
    }

    private void announced(ByteBuffer bytes) {
        boolean first = !epoch.known(); // only gateways that forgot have anything to announce
        watched.announcement
                .read(bytes)
                .ifPresent(
                        news -> {
                            Duration spread = spread();
                            take(news, spread);
                            if (first) {
                                tell(spread);
                            }
                        });
    }

    private Duration spread() {
        long most = watched.tuning.spread().toNanos();
        return Duration.ofNanos(most == 0 ? 0 : scope.random().nextLong(most));
    }

    private void take(News news, Duration spread) {
        boolean goesOn = epoch.goesOn(news.epoch(), scope.nanoTime());
        boolean moved =
                external.isPresent()
                        && news.external().isPresent()
                        && !external.equals(news.external());
        if (news.external().isPresent()) {
            external = news.external();
        }
        if (!goesOn || moved) {
            tell(spread);
        }
    }

    private void tell(Duration after) {
        if (telling || closed) {
            return; // one telling is enough
        }
        telling = true;
        long since = scope.nanoTime() - toldAt;
        Duration wait = told ? SELDOM.minusNanos(since) : Duration.ZERO;
        scope.after(
                wait.compareTo(after) > 0 ? wait : after,
                () -> {
                    telling = false;
                    told = true;
                    toldAt = scope.nanoTime();
                    if (!closed) {
                        forgot.run();
                    }
                });
    }

    @Override
    public void close() {
        closed = true;
        release();
    }

    private void release() {
        UdpSocket s;
        CompletableFuture<News> q;
        synchronized (this) {
            timer.close();
            s = group;
            q = question;
        }
        if (s != null) {
            s.close();
        }
        if (q != null) {
            q.cancel(false);
        }
    }
}
