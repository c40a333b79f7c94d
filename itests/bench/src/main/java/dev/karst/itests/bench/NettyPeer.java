// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** Plain Netty, with or without the JDK's TLS 1.3: what a pipe is measured against. */
final class NettyPeer implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final Channel server;
    private final Channel client;
    private final Counter counter = new Counter();
    private final Pong pong = new Pong();
    private final Feeder feeder = new Feeder();

    /** Counts what the server gets and answers a closing byte. */
    private static final class Counter {
        volatile long expected = Long.MAX_VALUE;
        long got;
        volatile CountDownLatch done;
        volatile boolean echo;
    }

    /** Writes on the event loop while the channel takes it: Netty at its best. */
    private static final class Feeder extends ChannelInboundHandlerAdapter {
        private static final int FLUSH = 64 * 1024;
        private byte[] chunk;
        private long left;

        void begin(Channel to, byte[] bytes, long total) {
            to.eventLoop()
                    .execute(
                            () -> {
                                chunk = bytes;
                                left = total;
                                feed(to);
                            });
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            feed(ctx.channel());
            ctx.fireChannelWritabilityChanged();
        }

        private void feed(Channel to) {
            int unflushed = 0;
            while (left > 0 && to.isWritable()) {
                to.write(Unpooled.wrappedBuffer(chunk), to.voidPromise());
                left -= chunk.length;
                unflushed += chunk.length;
                if (unflushed >= FLUSH) {
                    to.flush();
                    unflushed = 0;
                }
            }
            to.flush();
        }
    }

    private static final class Pong extends ChannelInboundHandlerAdapter {
        volatile java.util.function.Consumer<ByteBuf> onEcho = b -> {};

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf b = (ByteBuf) msg;
            onEcho.accept(b);
            b.release();
        }
    }

    NettyPeer(boolean tls) throws Exception {
        SslContext forServer = null;
        SslContext forClient = null;
        if (tls) {
            KeyStore ks = certificate();
            KeyManagerFactory k =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            k.init(ks, "changeit".toCharArray());
            TrustManagerFactory t =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            t.init(ks);
            forServer =
                    SslContextBuilder.forServer(k)
                            .sslProvider(SslProvider.JDK)
                            .protocols("TLSv1.3")
                            .build();
            forClient =
                    SslContextBuilder.forClient()
                            .trustManager(t)
                            .sslProvider(SslProvider.JDK)
                            .protocols("TLSv1.3")
                            .endpointIdentificationAlgorithm("")
                            .build();
        }
        SslContext s = forServer;
        SslContext c = forClient;
        server =
                new ServerBootstrap()
                        .group(group)
                        .channel(NioServerSocketChannel.class)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel ch) {
                                        if (s != null) {
                                            ch.pipeline().addLast(s.newHandler(ch.alloc()));
                                        }
                                        ch.pipeline().addLast(new Sink());
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .sync()
                        .channel();
        client =
                new Bootstrap()
                        .group(group)
                        .channel(NioSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel ch) {
                                        if (c != null) {
                                            ch.pipeline().addLast(c.newHandler(ch.alloc()));
                                        }
                                        ch.pipeline().addLast(feeder, pong);
                                    }
                                })
                        .connect(server.localAddress())
                        .sync()
                        .channel();
    }

    private final class Sink extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf b = (ByteBuf) msg;
            if (counter.echo) {
                ctx.writeAndFlush(b);
                return;
            }
            counter.got += b.readableBytes();
            b.release();
            if (counter.got >= counter.expected) {
                counter.done.countDown();
            }
        }
    }

    static KeyStore certificate() throws Exception {
        Path file = Files.createTempDirectory("karst-bench").resolve("k.p12");
        Process p =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-dname",
                                "CN=localhost",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                "changeit",
                                "-alias",
                                "k")
                        .redirectErrorStream(true)
                        .start();
        p.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        if (p.waitFor() != 0) {
            throw new IllegalStateException("keytool failed");
        }
        KeyStore ks = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            ks.load(in, "changeit".toCharArray());
        }
        KeyStore both = KeyStore.getInstance("PKCS12");
        both.load(null, null);
        both.setKeyEntry(
                "k",
                ks.getKey("k", "changeit".toCharArray()),
                "changeit".toCharArray(),
                ks.getCertificateChain("k"));
        both.setCertificateEntry("ca", ks.getCertificate("k"));
        Files.delete(file);
        return both;
    }

    /** MiB per second for {@code total} bytes in writes of {@code size}. */
    double stream(int size, long total) throws Exception {
        counter.echo = false;
        counter.got = 0;
        counter.expected = total;
        counter.done = new CountDownLatch(1);
        byte[] chunk = new byte[size];
        long began = System.nanoTime();
        feeder.begin(client, chunk, total);
        if (!counter.done.await(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the transfer hangs");
        }
        return total / (1024.0 * 1024) / ((System.nanoTime() - began) * 1e-9);
    }

    /** Times of {@code n} echoes of 64 bytes, in nanoseconds. */
    long[] echo(int n) throws Exception {
        counter.echo = true;
        long[] times = new long[n];
        CountDownLatch done = new CountDownLatch(1);
        byte[] data = new byte[64];
        int[] i = {0};
        int[] got = {0};
        long[] began = {System.nanoTime()};
        pong.onEcho =
                b -> {
                    got[0] += b.readableBytes();
                    if (got[0] < 64) {
                        return;
                    }
                    got[0] = 0;
                    long now = System.nanoTime();
                    times[i[0]++] = now - began[0];
                    began[0] = now;
                    if (i[0] < n) {
                        client.writeAndFlush(Unpooled.wrappedBuffer(data));
                    } else {
                        done.countDown();
                    }
                };
        client.writeAndFlush(Unpooled.wrappedBuffer(data));
        if (!done.await(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the echo hangs");
        }
        pong.onEcho = b -> {};
        return times;
    }

    @Override
    public void close() {
        client.close().syncUninterruptibly();
        server.close().syncUninterruptibly();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
