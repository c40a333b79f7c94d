// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;

/** What happens to one connection, before and after it is a path. In the loop. */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
    private final Opening opening;
    private final QuicChannel quic;
    private QuicPath path;
    private String why = "the QUIC handshake failed";

    ConnectionHandler(Opening opening, QuicChannel quic) {
        this.opening = opening;
        this.quic = quic;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        try {
            path = opening.established(quic);
        } catch (Exception e) {
            why = Reasons.of(e);
            quic.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (path != null && msg instanceof QuicStreamChannel s) {
            path.incoming(s);
        } else {
            ReferenceCountUtil.release(msg);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof QuicConnectionCloseEvent e) {
            if (path != null) {
                path.peerClosed(e);
            } else {
                why = "the peer ended the QUIC handshake with code " + e.error();
                ctx.channel().eventLoop().execute(quic::close);
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (path != null) {
            path.gone();
        } else {
            opening.failed(quic, quic.isTimedOut() ? "the QUIC handshake timed out" : why);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        why = Reasons.of(cause); // packets that cannot be read are dropped by QUIC itself
    }
}
