// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import dev.karst.lib.mqtt.broker.BrokerClient;
import dev.karst.lib.mqtt.broker.BrokerSocket;
import dev.karst.lib.mqtt.broker.MqttBrokerState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/** One client's socket, on the broker's loop. */
final class ClientHandler extends ChannelInboundHandlerAdapter implements BrokerSocket {
    private static final System.Logger LOG = System.getLogger(ClientHandler.class.getName());

    /** For what was sent before a close. */
    private static final long LINGER_SECONDS = 2;

    private final MqttBrokerState broker;
    private ChannelHandlerContext context;
    private BrokerClient client;

    ClientHandler(MqttBrokerState broker) {
        this.broker = broker;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        client = broker.accept(this, System.nanoTime());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            client.bytes(bytes.nioBuffer(), System.nanoTime());
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        client.closed(System.nanoTime());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", this, cause.toString());
        ctx.close();
    }

    @Override
    public void send(byte[] bytes) {
        context.writeAndFlush(Unpooled.wrappedBuffer(bytes), context.voidPromise());
    }

    @Override
    public boolean congested() {
        return !context.channel().isWritable();
    }

    @Override
    public void reading(boolean on) {
        context.channel().config().setAutoRead(on);
    }

    @Override
    public void close() {
        context.channel().config().setAutoRead(false);
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public String toString() {
        return String.valueOf(context == null ? null : context.channel().remoteAddress());
    }
}
