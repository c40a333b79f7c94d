// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.KarstException;
import dev.karst.PeerId;
import dev.karst.Pipe;
import dev.karst.PipeInfo;
import dev.karst.PipeState;
import dev.karst.ProtocolId;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What both kinds of pipe share. State is guarded by the session's lock. */
abstract class PipeBase implements Pipe {
    /** Codes of a RESET frame. */
    static final int CANCELLED = 1;

    static final int REFUSED = 2;
    static final int LIMIT = 3;
    static final int PROTOCOL = 4;
    static final int UNKNOWN = 5;

    final Session session;
    final long id;
    final ProtocolId protocol;
    final boolean ours; // opened by this side
    final int window;
    final CompletableFuture<Void> closed = new CompletableFuture<>();
    final CompletableFuture<Pipe> opened = new CompletableFuture<>();
    boolean confirmed; // the peer has it
    boolean queued; // in the session's ready queue
    boolean over;
    boolean closedHere;

    PipeBase(Session session, long id, ProtocolId protocol, boolean ours, int window) {
        this.session = session;
        this.id = id;
        this.protocol = protocol;
        this.ours = ours;
        this.window = window;
        this.confirmed = !ours;
    }

    @Override
    public ProtocolId protocol() {
        return protocol;
    }

    @Override
    public PeerId peer() {
        return session.id();
    }

    @Override
    public PipeState state() {
        if (over) {
            return PipeState.CLOSED;
        }
        return session.usable() ? PipeState.OPEN : PipeState.SUSPENDED;
    }

    @Override
    public CompletionStage<Void> closed() {
        return closed.minimalCompletionStage();
    }

    @Override
    public void close() {
        session.reset(this);
    }

    /** Whether a record can be filled with something of this pipe. */
    abstract boolean sendable();

    /** Puts frames into the record, no more than {@code room} bytes. */
    abstract void fill(ByteBuffer record, int room);

    /** A path came into use: whatever the peer has not acknowledged is sent anew. */
    abstract void rewind();

    /** Another path came into use while what was sent on the former one still arrives there. */
    void drain() {}

    /** Whether something is still awaited from the former path. */
    boolean draining() {
        return false;
    }

    /** The peer has everything below {@code received} and takes more up to {@code limit}. */
    abstract void acknowledged(long received, long limit);

    /** What this side received in order, and how far the peer may send. */
    abstract long received();

    abstract long limit();

    /** Over: {@code why} is null when both directions ended in order. */
    abstract void end(KarstException why);

    abstract Inbox inbox();

    abstract PipeInfo info();
}
