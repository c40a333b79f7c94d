// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.Subscription;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunFramer;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMethod;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A connection from a chosen local port, and one binding request over it. It stays open until it is
 * closed, so that no FIN makes the NAT forget the mapping while others are compared with it.
 */
final class TcpAsk implements TcpHandler {
    private static final int LARGEST = 1280;

    /** A SYN that was lost is sent again after a second: then the NAT may have seen only that. */
    private static final long PROMPT = 700_000_000;

    private final Run run;
    private final long limit;
    private final Consumer<Result> told;
    private final StunFramer framer = new StunFramer(LARGEST, false); // network thread
    private final byte[] id = new byte[12];
    private final long began;
    private Subscription timer = () -> {};
    private TcpSocket socket;
    private boolean over;
    private boolean closed;
    private boolean prompt;
    private long rtt;

    /**
     * What came of it.
     *
     * @param mapped empty if nothing did
     * @param rtt nanoseconds of the connect
     * @param why in words, when nothing came
     */
    record Result(
            Optional<InetSocketAddress> mapped,
            Optional<InetSocketAddress> other,
            long rtt,
            boolean prompt,
            Throwable why) {}

    TcpAsk(Run run, long limit, Consumer<Result> told) {
        this.run = run;
        this.limit = limit;
        this.told = told;
        began = run.now();
        run.scope().secureRandom().nextBytes(id);
    }

    void begin(InetSocketAddress local, InetSocketAddress server) {
        timer = run.after(limit, () -> fail(null));
        run.then(
                run.scope().network().connectTcp(local, server),
                (s, e) -> {
                    if (e != null) {
                        fail(e);
                    } else {
                        connected(s);
                    }
                });
    }

    private void connected(TcpSocket s) {
        socket = s;
        prompt = run.now() - began < PROMPT;
        s.start(this);
        if (closed) {
            s.abort();
            return;
        }
        StunMessage m = StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, id).build();
        rtt = run.now() - began;
        s.write(ByteBuffer.wrap(m.bytes()));
    }

    @Override
    public void bytes(ByteBuffer bytes) {
        if (framer.problem().isPresent()) {
            return;
        }
        for (byte[] each : framer.feed(bytes)) {
            StunMessage.decode(ByteBuffer.wrap(each), LARGEST, false)
                    .message()
                    .filter(m -> m.kind() == StunClass.SUCCESS)
                    .filter(m -> Arrays.equals(m.transactionId(), id))
                    .ifPresent(m -> run.soon(() -> answered(m)));
        }
        if (framer.problem().isPresent()) {
            run.scope().count("nat.malformed");
            run.soon(() -> fail(null));
        }
    }

    private void answered(StunMessage m) {
        Answer a = new Answer(socket.remote(), m, rtt, prompt);
        end(new Result(a.mapped(), a.other(), rtt, prompt, null));
    }

    @Override
    public void closed(Optional<Throwable> why) {
        run.soon(() -> fail(why.orElse(null)));
    }

    private void fail(Throwable why) {
        end(new Result(Optional.empty(), Optional.empty(), 0, false, why));
    }

    private void end(Result r) {
        if (!over) {
            over = true;
            timer.close();
            told.accept(r);
        }
    }

    void close() {
        closed = true;
        over = true;
        timer.close();
        if (socket != null) {
            socket.abort();
        }
    }
}
