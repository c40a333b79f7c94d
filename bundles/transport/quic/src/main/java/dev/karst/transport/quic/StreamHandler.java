// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.nio.ByteBuffer;

/** What comes on one stream of a path. In the loop. */
final class StreamHandler extends ChannelInboundHandlerAdapter implements FrameReader.Sink {
    private final QuicPath path;
    private final FrameReader reader;
    private QuicStreamChannel stream;

    /**
     * @param lane as with {@link FrameReader}
     */
    StreamHandler(QuicPath path, int lane, Scratch scratch) {
        this.path = path;
        reader = new FrameReader(lane, scratch, this);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        stream = (QuicStreamChannel) ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf bytes = (ByteBuf) msg;
        try {
            if (!path.isOver()) {
                reader.feed(bytes);
            }
        } catch (FrameReader.BadStream e) {
            path.broken(e.getMessage());
        } finally {
            bytes.release();
        }
    }

    @Override
    public void lane(int number) throws FrameReader.BadStream {
        if (number >= QuicPath.LANES) {
            throw new FrameReader.BadStream("the peer opened a stream for lane " + number);
        }
        path.offered(number, stream);
    }

    @Override
    public void frame(ByteBuffer frame) {
        path.frame(frame);
    }

    @Override
    public void end(int streams) {
        path.peerEnds(streams);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            path.streamFinished(reader.atBoundary());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        reader.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        path.broken("a stream failed: " + cause.getMessage());
    }
}
