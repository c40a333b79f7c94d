// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.Pipe;
import dev.karst.PipeAcceptor;
import dev.karst.PipeInfo;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.core.session.FrameReader.Offset;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The pipes of a session. The controller opens even ids, the other side odd ones. Guarded by the
 * session's lock.
 */
final class PipeTable {
    private static final int MIN_WINDOW = 64 << 10;
    private final Session session;
    private final Map<Long, PipeBase> pipes = new LinkedHashMap<>();
    private final Tombstones tombstones = new Tombstones();
    private final ReplayBudget budget;
    private long nextId;

    PipeTable(Session session) {
        this.session = session;
        this.budget =
                new ReplayBudget(
                        session.table.limits().replayPerPeer(), session.table.nodeBudget());
        this.nextId = session.local.compareTo(session.remote) < 0 ? 2 : 1;
    }

    Collection<PipeBase> all() {
        return pipes.values();
    }

    CompletableFuture<Pipe> open(ProtocolId protocol, PipeOptions options, boolean stream) {
        if (pipes.size() >= session.table.limits().pipesPerSession()) {
            return CompletableFuture.failedFuture(
                    new KarstException(
                            Code.LIMIT, "too many open pipes to this peer: " + pipes.size()));
        }
        int window = Math.min(options.window(), session.table.limits().window());
        long id = nextId;
        nextId += 2;
        PipeBase p =
                stream
                        ? new StreamPipeImpl(session, id, protocol, true, window, 0, budget)
                        : new DatagramPipeImpl(session, id, protocol, true, window);
        pipes.put(id, p);
        if (session.usable()) {
            session.control(openFrame(p));
        }
        return p.opened;
    }

    byte[] openFrame(PipeBase p) {
        return FrameWriter.open(p.id, p instanceof StreamPipeImpl, p.window, p.protocol.name());
    }

    /** The peer opens a pipe. */
    void inbound(long id, boolean stream, long window, String protocol) {
        PipeBase known = pipes.get(id);
        if (known != null) {
            if (!known.ours) {
                session.control(FrameWriter.opened(id, known.window)); // our answer was lost
            }
            return;
        }
        if (tombstones.knows(id)) {
            session.control(tombstones.answer(id));
            return;
        }
        boolean theirs = (id & 1) != (nextId & 1);
        ProtocolId name;
        try {
            name = ProtocolId.of(protocol);
        } catch (IllegalArgumentException e) {
            name = null;
        }
        if (!theirs || name == null || window < MIN_WINDOW) {
            refuse(id, PipeBase.PROTOCOL, "pipe.bad-open");
            return;
        }
        Optional<PipeAcceptor> acceptor = session.owner.acceptor(session.remote, name);
        if (acceptor.isEmpty()) {
            refuse(id, PipeBase.REFUSED, "pipe.not-permitted");
            return;
        }
        if (pipes.size() >= session.table.limits().pipesPerSession()) {
            refuse(id, PipeBase.LIMIT, "pipe.limit");
            return;
        }
        int w = inboundWindow(window);
        PipeAcceptor to = acceptor.get();
        if (stream) {
            StreamPipeImpl p = new StreamPipeImpl(session, id, name, false, w, window, budget);
            pipes.put(id, p);
            session.later(() -> offer(p, () -> to.stream(session, p)));
        } else {
            DatagramPipeImpl p = new DatagramPipeImpl(session, id, name, false, w);
            pipes.put(id, p);
            session.later(() -> offer(p, () -> to.datagrams(session, p)));
        }
        session.control(FrameWriter.opened(id, w));
    }

    /** What all inbound pipes may hold together is bounded: late ones get the least. */
    private int inboundWindow(long asked) {
        long granted = 0;
        for (PipeBase p : pipes.values()) {
            granted += p.ours ? 0 : p.window;
        }
        long left = session.table.limits().replayPerPeer() - granted;
        long most = Math.min(asked, PipeOptions.defaults().window());
        return (int) Math.max(MIN_WINDOW, Math.min(most, left));
    }

    private void offer(PipeBase p, Runnable accept) {
        try {
            accept.run();
        } catch (Throwable e) {
            dev.karst.core.world.Log.of(PipeTable.class)
                    .log(System.Logger.Level.WARNING, "acceptor of " + p.protocol + " failed", e);
            p.close();
        }
    }

    private void refuse(long id, int code, String counter) {
        session.count(counter);
        tombstones.reset(id, code);
        session.control(FrameWriter.reset(id, code));
    }

    /** A frame for a pipe we do not have: tell the peer how it ended. Null when it does exist. */
    PipeBase find(long id) {
        PipeBase p = pipes.get(id);
        if (p == null) {
            session.count("pipe.unknown");
        }
        return p;
    }

    void opened(long id, long window) {
        PipeBase p = find(id);
        if (p != null && p.ours) {
            p.acknowledged(0, window);
            session.ready(p);
        }
    }

    void ack(long id, long received, long limit) {
        PipeBase p = pipes.get(id);
        if (p != null) {
            p.acknowledged(received, limit);
            session.ready(p);
        }
    }

    void data(long id, long offset, ByteBuffer bytes) {
        PipeBase pipe = find(id);
        if (pipe instanceof StreamPipeImpl p) {
            p.data(offset, bytes);
        } else if (pipe == null && tombstones.knows(id)) {
            session.control(tombstones.answer(id)); // our RESET died with a path
        }
    }

    void fin(long id, long offset) {
        PipeBase p = pipes.get(id);
        if (p instanceof StreamPipeImpl s) {
            s.fin(offset);
        } else if (p == null && tombstones.knows(id)) {
            session.control(tombstones.answer(id));
        }
    }

    void datagram(long id, ByteBuffer bytes) {
        if (find(id) instanceof DatagramPipeImpl p) {
            p.datagram(bytes);
        }
    }

    void resetByPeer(long id, int code) {
        PipeBase p = pipes.remove(id);
        if (p == null) {
            return;
        }
        tombstones.reset(id, Math.max(code, 1));
        Code c =
                switch (code) {
                    case PipeBase.REFUSED -> Code.NOT_PERMITTED;
                    case PipeBase.LIMIT -> Code.LIMIT;
                    default -> Code.RESET;
                };
        String why =
                switch (code) {
                    case PipeBase.REFUSED ->
                            "the peer does not open \"" + p.protocol + "\" to this node";
                    case PipeBase.LIMIT -> "the peer has too many pipes open";
                    case PipeBase.UNKNOWN -> "the peer does not know the pipe any more";
                    case PipeBase.PROTOCOL -> "the peer found a protocol error";
                    default -> "the peer closed the pipe";
                };
        p.end(new KarstException(c, why));
    }

    void reset(PipeBase p, int code, KarstException why) {
        if (pipes.remove(p.id, p)) {
            tombstones.reset(p.id, code);
            session.control(FrameWriter.reset(p.id, code));
            p.end(why);
        }
    }

    void done(PipeBase p) {
        if (pipes.remove(p.id, p)) {
            tombstones.done(p.id, p.received());
            p.end(null);
        }
    }

    /** The peer's ATTACH: what it has of each pipe. */
    void offsets(List<Offset> offsets) {
        for (Offset o : offsets) {
            PipeBase p = pipes.get(o.pipe());
            if (p != null) {
                p.acknowledged(o.received(), o.limit());
            } else {
                session.later(
                        () -> {
                            session.enter();
                            try {
                                session.control(tombstones.answer(o.pipe()));
                            } finally {
                                session.exit();
                            }
                        });
            }
        }
    }

    /** Puts our offsets into an ATTACH. */
    void writeOffsets(ByteBuffer out) {
        out.putShort((short) count());
        for (PipeBase p : pipes.values()) {
            if (p.confirmed) {
                out.putLong(p.id).putLong(p.received()).putLong(p.limit());
                if (p instanceof StreamPipeImpl s) {
                    s.attachSent();
                }
            }
        }
    }

    int count() {
        int n = 0;
        for (PipeBase p : pipes.values()) {
            n += p.confirmed ? 1 : 0;
        }
        return n;
    }

    void endAll(KarstException why) {
        List<PipeBase> all = new ArrayList<>(pipes.values());
        pipes.clear();
        all.forEach(p -> p.end(why));
    }

    /** The peer restarted: it knows none of the pipes it had confirmed. */
    void peerRestarted() {
        List<PipeBase> lost = new ArrayList<>();
        pipes.values().removeIf(p -> (p.confirmed || !p.ours) && lost.add(p));
        tombstones.clear();
        KarstException why =
                new KarstException(
                        Code.PEER_RESTARTED, "the peer restarted and knows nothing of this pipe");
        lost.forEach(p -> p.end(why));
    }

    /** Whether something was sent that the peer has not acknowledged. */
    boolean waiting() {
        for (PipeBase p : pipes.values()) {
            if (!p.confirmed || p instanceof StreamPipeImpl s && s.waiting()) {
                return true;
            }
        }
        return false;
    }

    void trim() {
        for (PipeBase p : pipes.values()) {
            if (p instanceof StreamPipeImpl s) {
                s.trim();
            }
        }
    }

    List<PipeInfo> info() {
        List<PipeInfo> out = new ArrayList<>();
        pipes.values().forEach(p -> out.add(p.info()));
        return out;
    }
}
