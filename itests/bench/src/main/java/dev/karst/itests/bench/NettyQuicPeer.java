// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;

/** Netty's QUIC codec on Netty's own sockets and threads, with the windows of transport.quic. */
final class NettyQuicPeer implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final AtomicLong got = new AtomicLong();
    private final Channel server;
    private final Channel client;
    private final QuicChannel quic;
    private final QuicStreamChannel stream;
    private final DatagramLoad load = new DatagramLoad();
    private volatile long expected = Long.MAX_VALUE;
    private volatile CountDownLatch done = new CountDownLatch(0);
    private volatile Runnable feed = () -> {};

    NettyQuicPeer() throws Exception {
        KeyStore ks = NettyPeer.certificate();
        KeyManagerFactory k =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        k.init(ks, "changeit".toCharArray());
        ChannelHandler serverCodec =
                windows(new QuicServerCodecBuilder())
                        .sslContext(
                                QuicSslContextBuilder.forServer(k, "changeit")
                                        .applicationProtocols("bench")
                                        .build())
                        .tokenHandler(null)
                        .handler(new Datagrams())
                        .streamHandler(
                                new ChannelInitializer<QuicStreamChannel>() {
                                    @Override
                                    protected void initChannel(QuicStreamChannel s) {
                                        s.pipeline().addLast(new Sink());
                                    }
                                })
                        .build();
        ChannelHandler clientCodec =
                windows(new QuicClientCodecBuilder())
                        .sslContext(
                                QuicSslContextBuilder.forClient()
                                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                                        .endpointIdentificationAlgorithm("")
                                        .applicationProtocols("bench")
                                        .build())
                        .build();
        server = socket(serverCodec);
        client = socket(clientCodec);
        quic =
                QuicChannel.newBootstrap(client)
                        .streamHandler(new ChannelInboundHandlerAdapter())
                        .remoteAddress(server.localAddress())
                        .connect()
                        .get(10, TimeUnit.SECONDS);
        stream =
                quic.createStream(
                                QuicStreamType.BIDIRECTIONAL,
                                new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void channelWritabilityChanged(
                                            ChannelHandlerContext ctx) {
                                        feed.run();
                                    }
                                })
                        .get(10, TimeUnit.SECONDS);
    }

    private static <B extends QuicCodecBuilder<B>> B windows(B b) {
        return b.maxIdleTimeout(30, TimeUnit.SECONDS)
                .initialMaxData(4 << 20)
                .initialMaxStreamDataBidirectionalLocal(2 << 20)
                .initialMaxStreamDataBidirectionalRemote(2 << 20)
                .initialMaxStreamsBidirectional(64)
                .datagram(1024, 1024)
                .discoverPmtu(true);
    }

    private Channel socket(ChannelHandler codec) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .option(ChannelOption.SO_RCVBUF, 1 << 20)
                .option(ChannelOption.SO_SNDBUF, 1 << 20)
                .handler(codec)
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .sync()
                .channel();
    }

    private final class Sink extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf b = (ByteBuf) msg;
            long all = got.addAndGet(b.readableBytes());
            b.release();
            if (all >= expected) {
                done.countDown();
            }
        }
    }

    /** Streams come by the same way. */
    private final class Datagrams extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            if (msg instanceof ByteBuf b) {
                b.release();
                load.arrived();
            } else {
                ctx.fireChannelRead(msg);
            }
        }
    }

    /** MiB per second for {@code total} bytes in writes of {@code size}, from the event loop. */
    double stream(int size, long total) throws Exception {
        byte[] chunk = new byte[size];
        long[] left = {total};
        got.set(0);
        expected = total;
        done = new CountDownLatch(1);
        feed =
                () -> {
                    while (left[0] > 0 && stream.isWritable()) {
                        stream.write(Unpooled.wrappedBuffer(chunk));
                        left[0] -= size;
                    }
                    stream.flush();
                };
        long began = System.nanoTime();
        stream.eventLoop().execute(() -> feed.run());
        if (!done.await(120, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the transfer hangs");
        }
        return total / (1024.0 * 1024) / ((System.nanoTime() - began) * 1e-9);
    }

    /** QUIC DATAGRAM frames (RFC 9221), from this thread. */
    DatagramLoad.Result datagrams(int count) throws Exception {
        return load.run(
                count,
                b -> {
                    quic.writeAndFlush(Unpooled.wrappedBuffer(b));
                    return true;
                });
    }

    @Override
    public void close() {
        client.close().syncUninterruptibly();
        server.close().syncUninterruptibly();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
