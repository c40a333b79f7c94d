// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.transport.Path;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Makes a path of a flow: the channel, the codec, the handshake. Private methods run in the loop.
 */
final class Opening {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** The core looks after a path more closely. */
    private static final int IDLE_SECONDS = 30;

    /** Who pretends to be the peer can begin so many handshakes; one that ends is enough. */
    private static final int MOST_NASCENT = 8;

    /**
     * Where the way takes it; it begins with 1,200. Through a tunnel or a relay it still is one
     * packet of a usual link.
     */
    private static final int LONGEST = 1_350;

    private static final int WINDOW = 4 << 20;
    private static final int STREAM_WINDOW = 2 << 20;

    private final DatagramFlow flow;
    private final boolean client;
    private final Scope scope;
    private final Credentials.Pair credentials;
    private final Scratch scratch;
    private final Loop loop;
    private final FlowChannel channel;
    private final CompletableFuture<Path> result = new CompletableFuture<>();
    private final Set<Channel> nascent = new HashSet<>();
    private QuicPath path;
    private boolean over;

    Opening(
            DatagramFlow flow,
            boolean client,
            Scope scope,
            Credentials.Pair credentials,
            Scratch scratch) {
        this.flow = flow;
        this.client = client;
        this.scope = scope;
        this.credentials = credentials;
        this.scratch = scratch;
        loop = new Loop(scope);
        channel = new FlowChannel(flow, scope, () -> end("the flow of datagrams ended"));
    }

    CompletionStage<Path> begin() {
        loop.execute(this::open);
        loop.onCancel(this::cancelled);
        return result;
    }

    private void open() {
        if (over) {
            return;
        }
        channel.pipeline().addLast(client ? clientCodec() : serverCodec());
        loop.register(channel);
        Duration left = LIMIT;
        if (scope.deadline().isBefore(Instant.MAX)) {
            Duration d = Duration.between(scope.clock().instant(), scope.deadline());
            left = d.compareTo(left) < 0 ? d : left;
        }
        loop.schedule(this::late, Math.max(0, left.toMillis()), TimeUnit.MILLISECONDS);
        if (client) {
            channel.repeatFirstFlight();
        }
        flow.start(channel);
        if (client) {
            QuicChannel.newBootstrap(channel)
                    .handler(
                            new ChannelInitializer<QuicChannel>() {
                                @Override
                                protected void initChannel(QuicChannel c) {
                                    nascent(c);
                                }
                            })
                    .localAddress(FlowChannel.LOCAL)
                    .remoteAddress(FlowChannel.REMOTE)
                    .connect()
                    .addListener(
                            f -> {
                                if (!f.isSuccess() && !over) { // else the bundle may be gone
                                    end(Reasons.of(f.cause()));
                                }
                            });
        }
    }

    private ChannelHandler clientCodec() {
        return common(new QuicClientCodecBuilder()).build();
    }

    private ChannelHandler serverCodec() {
        return common(new QuicServerCodecBuilder())
                .tokenHandler(null)
                .handler(
                        new ChannelInitializer<QuicChannel>() {
                            @Override
                            protected void initChannel(QuicChannel c) {
                                nascent(c);
                            }
                        })
                .build();
    }

    private <B extends QuicCodecBuilder<B>> B common(B b) {
        return b.sslContext(credentials.of(client))
                .maxIdleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
                .initialMaxData(WINDOW)
                .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW)
                .initialMaxStreamsBidirectional(QuicPath.LANES)
                .initialMaxStreamsUnidirectional(0)
                .activeMigration(false)
                .maxSendUdpPayloadSize(LONGEST)
                .discoverPmtu(true);
    }

    private void nascent(QuicChannel c) {
        if (path != null || nascent.size() >= MOST_NASCENT) {
            scope.count("quic.handshake-refused");
            c.close();
            return;
        }
        nascent.add(c);
        c.pipeline().addLast(new ConnectionHandler(this, c));
    }

    /**
     * A handshake is done.
     *
     * @return the path, or nothing if another was first
     */
    QuicPath established(QuicChannel c) throws Exception {
        if (path != null || over) {
            throw new IOException("another handshake was first");
        }
        byte[] binding =
                credentials.binding(client, c.sslEngine().getSession().getPeerCertificates()[0]);
        QuicPath.Parts parts =
                new QuicPath.Parts(
                        c,
                        loop,
                        Endpoint.of("quic", flow.local()),
                        Endpoint.of("quic", flow.remote()),
                        binding,
                        scope,
                        scratch,
                        this::finish);
        path = new QuicPath(parts);
        nascent.remove(c);
        Set.copyOf(nascent).forEach(Channel::close);
        path.established(client);
        // its caller runs outside of the codec
        QuicPath ready = path;
        loop.execute(
                () -> {
                    if (!result.complete(ready)) {
                        c.close();
                    }
                });
        return path;
    }

    /** A handshake failed. */
    void failed(QuicChannel c, String why) {
        nascent.remove(c);
        if (client) {
            end(why);
        } else {
            scope.count("quic.handshake-failed"); // another may come
        }
    }

    private void late() {
        if (path == null) {
            end("the QUIC handshake timed out");
        }
    }

    private void cancelled() {
        result.completeExceptionally(new CancellationException("cancelled"));
        end("cancelled");
    }

    /** Ends whatever there is. */
    private void end(String why) {
        if (path != null) {
            path.give(0, why);
            finish();
        } else if (!over) {
            finish();
            result.completeExceptionally(new IOException(why));
        }
    }

    /** Nothing is left after this. */
    private void finish() {
        if (over) {
            return;
        }
        over = true;
        if (channel.isRegistered()) {
            loop.execute(channel::close); // not inside of the codec
        } else {
            flow.close(); // cancelled before it began
        }
        loop.stop();
    }
}
