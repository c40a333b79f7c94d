// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import dev.karst.spi.Scope;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;

/**
 * A datagram channel without a socket: what the codec writes goes to a flow, what the flow brings
 * is read in batches. The codec sees the same two made-up addresses all the time, for a flow has
 * one remote end, wherever the datagrams come from: so nothing looks like a migration.
 */
final class FlowChannel extends AbstractChannel implements UdpSocket.Handler {
    static final InetSocketAddress LOCAL = new InetSocketAddress(loopback(), 1);
    static final InetSocketAddress REMOTE = new InetSocketAddress(loopback(), 2);

    /** What may wait to be read; beyond it datagrams are dropped, as a socket's buffer does. */
    private static final int MOST_WAITING = 4 << 20;

    /** What a buffer costs beside its bytes. */
    private static final int OVERHEAD = 256;

    private static final ChannelMetadata METADATA = new ChannelMetadata(true);

    private final DatagramFlow flow;
    private final Scope scope;
    private final Runnable over;
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private volatile boolean open = true;
    private FirstFlight firstFlight = new FirstFlight(); // in the loop

    private final Object lock = new Object(); // these guarded by it
    private ArrayDeque<ByteBuf> inbox = new ArrayDeque<>();
    private ArrayDeque<ByteBuf> spare = new ArrayDeque<>();
    private int waiting;
    private final Batches batches = new Batches();
    private boolean turning; // a turn is asked for
    private boolean armed; // a pause runs
    private boolean deaf;

    /**
     * @param over told in the loop when the flow ended by itself
     */
    FlowChannel(DatagramFlow flow, Scope scope, Runnable over) {
        super(null);
        this.flow = flow;
        this.scope = scope;
        this.over = over;
    }

    private static InetAddress loopback() {
        return new InetSocketAddress("127.0.0.1", 0).getAddress();
    }

    /** Repeats what is sent until something comes in. Before anything is sent. */
    void repeatFirstFlight() {
        firstFlight = new FirstFlight(eventLoop(), flow::send);
    }

    // --- told by the flow, on a network thread ---

    @Override
    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
        int cost = bytes.remaining() + OVERHEAD;
        ByteBuf copy = alloc().directBuffer(bytes.remaining()).writeBytes(bytes);
        boolean wake = false;
        boolean soon = false;
        boolean taken;
        synchronized (lock) {
            taken = !deaf && waiting + cost <= MOST_WAITING;
            if (taken) {
                inbox.add(copy);
                waiting += cost;
                boolean now = batches.arrived(scope.nanoTime(), inbox.size());
                wake = now && !turning;
                soon = !now && !turning && !armed;
                turning |= now;
                armed |= soon;
            }
        }
        if (!taken) {
            copy.release();
            scope.count("quic.inbox-full");
        } else if (wake) {
            eventLoop().execute(this::turn);
        } else if (soon) {
            scope.after(Batches.PAUSE, this::paused);
        }
    }

    /** What came in a stream has waited long enough for more. On the scope's executor. */
    private void paused() {
        boolean wake;
        synchronized (lock) {
            armed = false;
            wake = !turning && !inbox.isEmpty();
            turning |= wake;
        }
        if (wake) {
            ((Loop) eventLoop()).here(this::turn);
        }
    }

    @Override
    public void closed() {
        eventLoop().execute(over);
    }

    /** All that came, and one end of the batch: the codec answers once. */
    private void turn() {
        ArrayDeque<ByteBuf> batch;
        synchronized (lock) {
            batch = inbox;
            inbox = spare;
            spare = batch; // empty again before the next turn
            waiting = 0;
            turning = false;
        }
        boolean some = !batch.isEmpty();
        if (some) {
            firstFlight.heard();
        }
        for (ByteBuf b = batch.poll(); b != null; b = batch.poll()) {
            if (open) {
                pipeline().fireChannelRead(new DatagramPacket(b, LOCAL, REMOTE));
            } else {
                b.release();
            }
        }
        if (some && open) {
            pipeline().fireChannelReadComplete();
        }
    }

    // --- the channel ---

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws Exception {
        for (Object o = out.current(); o != null; o = out.current()) {
            ByteBuf b = ((DatagramPacket) o).content();
            if (b.isReadable() && open) {
                ByteBuffer datagram = b.nioBuffer();
                firstFlight.sent(datagram);
                flow.send(datagram); // what is dropped here is repeated by QUIC
            }
            out.remove();
        }
    }

    @Override
    protected void doClose() {
        open = false;
        firstFlight.heard();
        ArrayDeque<ByteBuf> left;
        synchronized (lock) {
            deaf = true;
            left = inbox;
            inbox = new ArrayDeque<>(0);
        }
        left.forEach(ByteBuf::release);
        flow.close();
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise p) {
                p.setFailure(new UnsupportedOperationException());
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof Loop;
    }

    @Override
    protected SocketAddress localAddress0() {
        return LOCAL;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return REMOTE;
    }

    @Override
    protected void doBind(SocketAddress local) throws ClosedChannelException {
        throw new ClosedChannelException();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doBeginRead() {
        // reads as things come
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && isRegistered();
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
