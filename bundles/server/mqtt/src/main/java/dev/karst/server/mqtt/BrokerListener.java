// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import dev.karst.lib.mqtt.broker.MqttBrokerState;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sockets for the broker's state machine, which is not thread-safe: one event loop accepts, serves
 * and ticks. Ends with {@link #close}, thread included.
 */
final class BrokerListener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(BrokerListener.class.getName());

    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(
                    1,
                    new DefaultThreadFactory("karst-server-mqtt", true),
                    NioIoHandler.newFactory());
    private final MqttBrokerState broker;
    private final ServerConfig config;
    private final String url;
    private volatile int clients;
    private volatile int retained;

    private BrokerListener(ServerConfig config) {
        this.config = config;
        RecordPolicy policy =
                new RecordPolicy(
                        config.user(),
                        config.password(),
                        config.wildcards(),
                        config.limits().retained(),
                        this::count);
        broker = new MqttBrokerState(policy, config.limits());
        try {
            url = config.url(bind());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Listens.
     *
     * @throws IllegalArgumentException if the key store is of no use
     * @throws IllegalStateException if the address cannot be bound
     */
    static BrokerListener open(ServerConfig config) {
        probe(config);
        BrokerListener listener = new BrokerListener(config);
        LOG.log(System.Logger.Level.INFO, "MQTT broker at {0}", listener.url);
        if (config.user().isEmpty() && !config.address().getAddress().isLoopbackAddress()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} takes clients without a password from other machines",
                    listener.url);
        }
        return listener;
    }

    /**
     * Whether somebody else listens there, found out for less than what it takes to listen.
     *
     * @throws IllegalStateException if so
     */
    private static void probe(ServerConfig config) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(config.address());
        } catch (IOException e) {
            throw new IllegalStateException(
                    "cannot listen on " + config + ": " + e.getMessage(), e);
        }
    }

    private int bind() {
        SslContext tls = config.tls() ? Tls.context(config) : null;
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(loop)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(64 << 10, 1 << 20))
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        if (tls != null) {
                                            channel.pipeline()
                                                    .addLast(tls.newHandler(channel.alloc()));
                                        }
                                        channel.pipeline().addLast(new ClientHandler(broker));
                                    }
                                });
        if (config.address().isUnresolved()) {
            throw new IllegalStateException("cannot listen: no such host: " + config.host());
        }
        ChannelFuture bound = bootstrap.bind(config.address()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IllegalStateException(
                    "cannot listen on " + config + ": " + bound.cause().getMessage(),
                    bound.cause());
        }
        loop.next().scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
        return ((InetSocketAddress) bound.channel().localAddress()).getPort();
    }

    private void tick() {
        try {
            broker.tick(System.nanoTime());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the broker's clock stumbled", e);
        }
        clients = broker.clients();
        retained = broker.retained();
    }

    private void count(String name) {
        counters.computeIfAbsent(name, n -> new LongAdder()).increment();
    }

    /** Where clients connect. */
    String url() {
        return url;
    }

    /** What was counted since the start, and clients and records as of the last second. */
    Map<String, Long> counters() {
        Map<String, Long> out = new TreeMap<>();
        counters.forEach((name, n) -> out.put(name, n.sum()));
        out.put("broker.clients", (long) clients);
        out.put("broker.retained", (long) retained);
        return out;
    }

    @Override
    public void close() {
        if (!loop.shutdownGracefully(0, 2, TimeUnit.SECONDS)
                .awaitUninterruptibly(5, TimeUnit.SECONDS)) {
            LOG.log(System.Logger.Level.WARNING, "the broker's thread does not end");
        }
    }
}
