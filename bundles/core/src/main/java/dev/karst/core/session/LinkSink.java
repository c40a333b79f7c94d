// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.nio.ByteBuffer;

/** Hands the frames of a link to its session. Under the session's lock. */
final class LinkSink implements FrameReader.Sink {
    private final Session session;
    private final Link link;
    private final int epoch;

    LinkSink(Session session, Link link, int epoch) {
        this.session = session;
        this.link = link;
        this.epoch = epoch;
    }

    @Override
    public void open(long pipe, boolean stream, long window, String protocol) {
        session.pipes.inbound(pipe, stream, window, protocol);
    }

    @Override
    public void opened(long pipe, long window) {
        session.pipes.opened(pipe, window);
    }

    @Override
    public void data(long pipe, long offset, ByteBuffer data) {
        session.pipes.data(pipe, offset, data);
    }

    @Override
    public void ack(long pipe, long received, long limit) {
        session.pipes.ack(pipe, received, limit);
    }

    @Override
    public void fin(long pipe, long offset) {
        session.pipes.fin(pipe, offset);
    }

    @Override
    public void reset(long pipe, int code) {
        session.pipes.resetByPeer(pipe, code);
    }

    @Override
    public void ping(long token) {
        session.sendNow(link, ByteBuffer.wrap(FrameWriter.ping(FrameWriter.PONG, token)));
    }

    @Override
    public void pong(long token) {
        session.liveness.pong(link, token);
    }

    @Override
    public void goaway(int code) {
        session.end(dev.karst.KarstException.Code.RESET, "the peer ended the session");
    }

    @Override
    public void attach(FrameReader.Attach attach) {
        session.links.attach(link, epoch, attach);
    }

    @Override
    public void datagram(long pipe, ByteBuffer data) {
        session.pipes.datagram(pipe, data);
    }

    @Override
    public void info(String address) {
        session.later(() -> session.owner.address(session.remote, address));
    }
}
