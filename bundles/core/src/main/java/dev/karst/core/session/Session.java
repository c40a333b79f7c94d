// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.ConnectReport;
import dev.karst.DatagramPipe;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.NodeEvent;
import dev.karst.PathInfo;
import dev.karst.Peer;
import dev.karst.PeerId;
import dev.karst.PeerState;
import dev.karst.Pipe;
import dev.karst.PipeInfo;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.core.world.World;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The association with one peer. Owns the lock, the pump that fills records and the state; pipes
 * are in the {@link PipeTable}, links and the choice among them in the {@link LinkTable}.
 */
public final class Session implements Peer {
    /** Control frames that wait for a path that takes none. */
    private static final int MAX_CONTROL = 20_000;

    final World world;
    final SessionOwner owner;
    final SessionTable table;
    final PeerId local;
    final PeerId remote;
    final PipeTable pipes;
    final LinkTable links;
    final Liveness liveness;
    final RelayRate rate;
    final Acks acks;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Runnable> after = new ArrayDeque<>();
    private final ArrayDeque<PipeBase> ready = new ArrayDeque<>();
    private final ArrayDeque<byte[]> control = new ArrayDeque<>();
    private final ArrayDeque<PipeBase> delivered = new ArrayDeque<>();
    private volatile PeerState state = PeerState.CONNECTING;
    private volatile Supplier<ConnectReport> report;
    private long suspendedAt;

    Session(SessionTable table, PeerId remote, Supplier<ConnectReport> report) {
        this.table = table;
        this.world = table.world();
        this.owner = table.owner();
        this.local = table.identity().id();
        this.remote = remote;
        this.report = report;
        this.suspendedAt = world.nanoTime();
        this.pipes = new PipeTable(this);
        this.links = new LinkTable(this);
        this.liveness = new Liveness(this);
        this.rate = new RelayRate(this);
        this.acks = new Acks(this);
    }

    // --- lock, pump -----------------------------------------------------------------------------

    void enter() {
        lock.lock();
    }

    /** Leaves the lock; the outermost call first sends what it can, then tells others. */
    void exit() {
        if (lock.getHoldCount() > 1) {
            lock.unlock();
            return;
        }
        try {
            pump();
        } finally {
            List<Runnable> tasks = null;
            List<PipeBase> drains = null;
            if (!after.isEmpty()) {
                tasks = new ArrayList<>(after);
                after.clear();
            }
            if (!delivered.isEmpty()) {
                drains = new ArrayList<>(delivered);
                delivered.clear();
            }
            lock.unlock();
            if (drains != null) {
                drains.forEach(p -> table.guarded(p.inbox()::drain));
            }
            if (tasks != null) {
                tasks.forEach(table::guarded);
            }
        }
    }

    /** Runs a task after the lock is left. */
    void later(Runnable task) {
        after.add(task);
    }

    void delivered(PipeBase pipe) {
        if (delivered.peekLast() != pipe) {
            delivered.add(pipe);
        }
    }

    void ready(PipeBase pipe) {
        if (!pipe.queued && pipe.sendable()) {
            pipe.queued = true;
            ready.add(pipe);
        }
    }

    void control(byte[] frame) {
        if (control.size() >= MAX_CONTROL) {
            Link link = links.active();
            count("session.control-overflow");
            control.clear();
            if (link != null) {
                later(() -> link.close("the peer asks and does not read"));
            }
            return;
        }
        control.add(frame);
    }

    /** Fills records and sends them while the link in use takes them. */
    private void pump() {
        Link link = links.active();
        if (link == null || link.data == null || !link.data.alive()) {
            return;
        }
        if (control.isEmpty() && acks.isEmpty() && (ready.isEmpty() || !rate.allows())) {
            return;
        }
        liveness.sending();
        Scratch s = table.scratch();
        boolean held = false;
        try {
            while (!link.blocked) {
                ByteBuffer plain = s.plain();
                fill(plain, link.maxRecord(), link.room());
                if (!plain.flip().hasRemaining()) {
                    return;
                }
                if (!held && !ready.isEmpty()) {
                    held = true; // one call of the system for several records
                    link.hold(true);
                }
                if (!link.send(link.data, plain, s.sealed())) {
                    link.blocked = true;
                }
            }
        } finally {
            if (held) {
                link.hold(false);
            }
            table.release(s);
        }
    }

    private void fill(ByteBuffer plain, int size, int room) {
        while (!control.isEmpty() && plain.position() + control.peek().length <= size) {
            plain.put(control.poll());
        }
        acks.fill(plain, size, !ready.isEmpty());
        int before = plain.position();
        while (!ready.isEmpty() && room - plain.position() > 64 && rate.allows()) {
            PipeBase p = ready.poll();
            p.queued = false;
            p.fill(plain, Math.min(room - plain.position(), FrameWriter.MAX_DATA + 19));
            ready(p);
        }
        rate.sent(plain.position() - before);
    }

    /** One record on this link with these frames, before all others, under its newest keys. */
    boolean sendNow(Link link, ByteBuffer frames) {
        if (frames.remaining() > Scratch.SIZE) { // an ATTACH of many pipes
            ByteBuffer large = ByteBuffer.allocate(frames.remaining() + Epoch.OVERHEAD);
            return link.send(link.newest(), frames, large);
        }
        Scratch s = table.scratch();
        try {
            return link.send(link.newest(), frames, s.sealed());
        } finally {
            table.release(s);
        }
    }

    boolean sendDatagram(long pipe, ByteBuffer bytes) {
        Link link = links.active();
        if (link == null || link.data == null || link.blocked) {
            return false;
        }
        Scratch s = table.scratch();
        try {
            ByteBuffer plain = s.plain();
            plain.put(FrameWriter.DATAGRAM).putLong(pipe).putShort((short) bytes.remaining());
            plain.put(bytes);
            if (!link.data.alive()) {
                return false;
            }
            liveness.sentDatagram();
            link.blocked = !link.send(link.data, plain.flip(), s.sealed());
            return true;
        } finally {
            table.release(s);
        }
    }

    int maxDatagram() {
        Link link = links.active();
        int frame = link == null ? 1200 : Math.min(link.maxFrame, FrameWriter.MAX_DATA);
        return frame - Epoch.OVERHEAD - FrameWriter.DATAGRAM_HEADER;
    }

    void count(String name) {
        table.counters().add(name);
    }

    // --- state ----------------------------------------------------------------------------------

    boolean usable() {
        return state == PeerState.CONNECTED;
    }

    private boolean ask(BooleanSupplier links) {
        enter();
        try {
            return links.getAsBoolean();
        } finally {
            exit();
        }
    }

    /** Whether the path in use goes by a relay. */
    public boolean relayed() {
        return ask(links::relayed);
    }

    /** Whether the path in use may be dead. */
    public boolean suspect() {
        return ask(links::suspect);
    }

    /** Whether the path in use hangs on a transport that is being drained. */
    public boolean leaving() {
        return ask(links::leaving);
    }

    /** Whether another path is about to be used. */
    boolean deciding() {
        return ask(links::deciding);
    }

    /** All that might give a direct path was tried: a relay may carry what it can. */
    public void directVerdict() {
        enter();
        try {
            rate.lift();
        } finally {
            exit();
        }
    }

    /** An attempt for this session begins: its paths are asked whether they live, for a while. */
    public void probe() {
        enter();
        try {
            liveness.probe();
        } finally {
            exit();
        }
    }

    /**
     * A link came into use: everything unacknowledged is sent anew on it.
     *
     * @param drain except what is on its way on the former one, which is closed a while later
     */
    void resumed(boolean drain) {
        ready.clear();
        for (PipeBase p : pipes.all()) {
            p.queued = false;
            if (drain) {
                p.drain();
            } else {
                p.rewind();
            }
            if (p instanceof StreamPipeImpl stream) {
                stream.queueAck(); // one that was sent after our ATTACH may have died with a path
            }
            if (p.ours && !p.confirmed) {
                control(pipes.openFrame(p));
            }
            ready(p);
        }
        String address = owner.ownAddressText();
        if (!address.isEmpty() && address.length() < FrameWriter.MAX_DATA) {
            control(FrameWriter.info(address));
        }
        if (state != PeerState.CONNECTED) {
            Duration pause = Duration.ofNanos(world.nanoTime() - suspendedAt);
            boolean first = state == PeerState.CONNECTING;
            state = PeerState.CONNECTED;
            later(
                    () -> {
                        owner.event(
                                new NodeEvent.PeerChanged(remote, PeerState.CONNECTED, "path up"));
                        if (!first) {
                            owner.event(new NodeEvent.Resumed(remote, pause));
                        }
                    });
        }
    }

    /** The former link is closed: what did not arrive by it is sent anew. */
    void drained() {
        for (PipeBase p : pipes.all()) {
            if (p.draining()) {
                p.rewind();
                ready(p);
            }
        }
    }

    /** Pipes cannot move data now. */
    void stalled(String why) {
        if (state == PeerState.CONNECTED) {
            state = PeerState.SUSPENDED;
            suspendedAt = world.nanoTime();
            later(() -> owner.event(new NodeEvent.PeerChanged(remote, PeerState.SUSPENDED, why)));
        }
    }

    /** All paths are gone. */
    void pathless(Link last) {
        if (state != PeerState.CLOSED) {
            later(() -> owner.suspended(this, last.origin.dialed()));
        }
    }

    /** Called about once a second by the table. */
    void tick(long now) {
        enter();
        try {
            liveness.tick(now);
            pipes.trim();
            long limit = table.limits().suspendLimit().toNanos();
            if (state == PeerState.SUSPENDED && now - suspendedAt > limit) {
                end(Code.SUSPENDED_TOO_LONG, "no path for " + table.limits().suspendLimit());
            } else if (state == PeerState.CONNECTING
                    && links.isEmpty()
                    && now - suspendedAt > limit) {
                end(Code.UNREACHABLE, "no path");
            }
        } finally {
            exit();
        }
    }

    /** Ends everything; the peer is told if a path is there. */
    void end(Code code, String why) {
        end(code, why, code == Code.CLOSED);
    }

    void end(Code code, String why, boolean farewell) {
        if (state == PeerState.CLOSED) {
            return;
        }
        Link link = links.active();
        if (link != null && farewell) {
            sendNow(link, ByteBuffer.wrap(FrameWriter.goaway(0)));
        }
        state = PeerState.CLOSED;
        pipes.endAll(new KarstException(code, why));
        links.closeAll(why);
        later(
                () -> {
                    owner.event(new NodeEvent.PeerChanged(remote, PeerState.CLOSED, why));
                    owner.closed(this);
                });
    }

    // --- pipes ----------------------------------------------------------------------------------

    void reset(PipeBase pipe) {
        enter();
        try {
            pipe.closedHere = true;
            pipes.reset(pipe, PipeBase.CANCELLED, new KarstException(Code.CLOSED, "closed here"));
        } finally {
            exit();
        }
    }

    void protocolError(PipeBase pipe, String what) {
        count("pipe.protocol-error");
        pipes.reset(pipe, PipeBase.PROTOCOL, new KarstException(Code.RESET, "peer sent " + what));
    }

    void done(PipeBase pipe) {
        pipes.done(pipe);
    }

    // --- Peer -----------------------------------------------------------------------------------

    @Override
    public PeerId id() {
        return remote;
    }

    @Override
    public PeerState state() {
        return state;
    }

    @Override
    public List<PathInfo> paths() {
        enter();
        try {
            return links.info();
        } finally {
            exit();
        }
    }

    @Override
    public List<PipeInfo> pipes() {
        enter();
        try {
            return pipes.info();
        } finally {
            exit();
        }
    }

    @Override
    public ConnectReport report() {
        return report.get();
    }

    @Override
    public CompletionStage<StreamPipe> openStream(ProtocolId protocol, PipeOptions options) {
        return open(protocol, options, true).thenApply(p -> (StreamPipe) p);
    }

    @Override
    public CompletionStage<DatagramPipe> openDatagrams(ProtocolId protocol, PipeOptions options) {
        return open(protocol, options, false).thenApply(p -> (DatagramPipe) p);
    }

    private CompletableFuture<Pipe> open(ProtocolId protocol, PipeOptions options, boolean stream) {
        enter();
        try {
            if (state == PeerState.CLOSED) {
                return CompletableFuture.failedFuture(
                        new KarstException(Code.CLOSED, "the session is over: connect again"));
            }
            return pipes.open(protocol, options, stream);
        } finally {
            exit();
        }
    }

    @Override
    public CompletionStage<Void> disconnect() {
        enter();
        try {
            end(Code.CLOSED, "disconnected here");
        } finally {
            exit();
        }
        return CompletableFuture.completedStage(null);
    }

    /** Replaces where {@link #report()} looks. */
    public void report(Supplier<ConnectReport> r) {
        report = r;
    }

    @Override
    public String toString() {
        return "Session[" + remote.brief() + " " + state + "]";
    }
}
