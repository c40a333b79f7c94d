// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.IpAddresses;
import dev.karst.Subscription;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortSituation.Observation;
import dev.karst.spi.traversal.PortSituation.Protocol;
import dev.karst.spi.traversal.PunchSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What rounds by UDP have in common: sockets, checks and a look from outside. */
abstract class UdpRound extends Round implements Matching.Sink {
    private static final int LOWEST_PORT = 20_000;
    private static final int PORTS = 40_000;
    private static final int BIND_TRIES = 3;
    private static final int TOLD = 4;

    final Ends ends;
    final Sonde sonde;
    final Matching matching;
    private Subscription timer = () -> {};
    private int told;

    UdpRound(Situation at, Owner owner, int number) {
        super(at, owner, number);
        String id = at.attempt().id();
        boolean initiator = at.attempt().initiator();
        ends = new Ends(at.attempt(), this::datagram);
        sonde = new Sonde(at.attempt(), ends);
        matching =
                new Matching(
                        initiator,
                        Credentials.of(id, initiator),
                        Credentials.of(id, !initiator),
                        scope().secureRandom(),
                        this);
    }

    /** Our own address, that sockets are bound to. */
    final InetAddress local() {
        return nat().local()
                .map(InetSocketAddress::getAddress)
                .filter(Inet4Address.class::isInstance)
                .orElseGet(() -> new InetSocketAddress("0.0.0.0", 0).getAddress());
    }

    /** Opens sockets of consecutive local ports, and then does what comes next. */
    final void bind(int count, Runnable then) {
        bind(count, BIND_TRIES, then);
    }

    private void bind(int count, int tries, Runnable then) {
        int base = LOWEST_PORT + scope().random().nextInt(PORTS - count);
        List<CompletableFuture<PunchSocket>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            InetSocketAddress a = new InetSocketAddress(local(), base + i);
            all.add(at.attempt().bind(a).toCompletableFuture());
        }
        CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]))
                .whenComplete(
                        (x, e) ->
                                scope().executor()
                                        .execute(() -> bound(all, e, count, tries, then)));
    }

    private void bound(
            List<CompletableFuture<PunchSocket>> all,
            Throwable e,
            int count,
            int tries,
            Runnable then) {
        if (e == null && !isOver()) {
            all.forEach(f -> ends.add(f.join()));
            then.run();
            return;
        }
        all.stream().filter(f -> !f.isCompletedExceptionally()).forEach(f -> f.join().close());
        if (tries > 1 && !isOver()) {
            bind(count, tries - 1, then);
        } else {
            fail("no UDP sockets: " + PredictRun.reason(e));
        }
    }

    /** Where a server sees that socket; where nothing is translated it need not be asked. */
    final void look(int socket, Consumer<InetSocketAddress> seen) {
        InetSocketAddress local = ends.get(socket).local();
        if (nat().udp().mapping() == Behavior.NONE && !local.getAddress().isAnyLocalAddress()) {
            seen.accept(local);
            return;
        }
        InetSocketAddress server = at.server(number);
        sonde.ask(
                socket,
                server,
                a -> {
                    if (isOver()) {
                        return;
                    }
                    if (a.isEmpty()) {
                        fail("the STUN server " + IpAddresses.text(server) + " keeps silent");
                        return;
                    }
                    at.udp().add(new Observation(local.getPort(), a.get().getPort(), now()));
                    owner.evidence(
                            "port " + local.getPort() + " is seen as " + IpAddresses.text(a.get()));
                    seen.accept(a.get());
                });
    }

    /**
     * Where the sockets from one number on will be seen.
     *
     * @param guessed the likeliest first, never empty
     */
    final void predict(int from, int to, Consumer<List<PortGuess>> guessed) {
        List<Integer> next = new ArrayList<>();
        for (int i = from; i < to; i++) {
            next.add(ends.get(i).local().getPort());
        }
        predict(Protocol.UDP, next, at.udp(), guessed);
    }

    final void datagram(int socket, InetSocketAddress from, ByteBuffer bytes) {
        if (!sonde.take(bytes)) {
            matching.receive(now(), socket, from, bytes);
            turn();
        }
    }

    /** Does what is due, and comes back when the next is. */
    final void turn() {
        timer.close();
        if (isOver()) {
            return;
        }
        matching.wake(now());
        long next = matching.wakeAt();
        if (next != Long.MAX_VALUE && !isOver()) {
            timer = scope().after(Duration.ofNanos(Math.max(0, next - now())), this::turn);
        }
    }

    @Override
    public void send(int socket, InetSocketAddress to, byte[] stun) {
        ends.send(socket, to, stun);
    }

    @Override
    public void heard(int socket, InetSocketAddress from) {
        tell(socket, "a check of the peer came from ", from);
    }

    @Override
    public void valid(int socket, InetSocketAddress to) {
        tell(socket, "our check was answered by ", to);
    }

    private void tell(int socket, String what, InetSocketAddress a) {
        if (told++ < TOLD) {
            int port = ends.get(socket).local().getPort();
            owner.evidence(what + IpAddresses.text(a) + " at port " + port);
        }
    }

    @Override
    public void won(int socket, InetSocketAddress to) {
        PunchSocket s = ends.get(socket);
        end(s);
        owner.won(this, s, to);
    }

    @Override
    public void count(String what) {
        scope().count(what);
    }

    @Override
    void close(PunchSocket kept) {
        timer.close();
        ends.close(kept);
    }
}
