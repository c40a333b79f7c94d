// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * A path and the keys on it. Runs the handshakes (one epoch beside the other), opens what comes in,
 * seals what goes out; knows nothing of pipes. Control is guarded by its monitor; the path calls it
 * on one thread at a time.
 */
final class Link implements PathHandler {
    private static final int FRESH_RECORD = 4 << 10;
    private static final int FRESH_BYTES = 256 << 10;

    final LinkOwner owner;
    final Origin origin;
    final String local;
    final String remote;
    final String scheme;
    final byte[] binding;
    final int maxFrame;
    final boolean reliable;
    final long bornNanos;
    private final LinkHandshake handshake;
    private volatile Path path;
    private volatile Epoch newest; // proven; control goes here
    private volatile Epoch older; // still opened until the newest is in use everywhere
    private volatile Epoch unproven; // we responded; the first record proves the peer
    private volatile PeerId peer;
    private final ArrayDeque<Runnable> after = new ArrayDeque<>();
    private boolean closed;
    private Subscription timer;

    // Written by the session under its lock.
    volatile Session session;
    long generation;
    boolean attached;
    boolean blocked;
    volatile Epoch data; // what pipes are sealed with; null until attached
    boolean redundant;
    boolean used; // it was in use once

    volatile long bytesIn;
    volatile long bytesOut;
    volatile long lastHeard;
    volatile long pingSent; // 0 = none under way
    volatile long rttNanos;
    long bytesOutSeen; // when last looked
    long sentAt; // about
    final boolean byUdp;
    boolean suspected; // by the session, until something is heard

    Link(LinkOwner owner, Path path, Origin origin, Optional<LinkHandshake.Expected> expected) {
        this.owner = owner;
        this.path = path;
        this.origin = origin;
        this.local = path.local().toString();
        this.remote = path.remote().toString();
        this.scheme = path.remote().scheme();
        this.binding = path.binding().clone();
        this.maxFrame = path.maxFrame();
        this.reliable = path.reliable();
        this.byUdp = origin.transport().runsOver("udp");
        this.bornNanos = owner.world().nanoTime();
        this.lastHeard = bornNanos;
        this.sentAt = bornNanos;
        this.handshake = new LinkHandshake(this, expected);
    }

    /** Begins: the initiator sends INIT, the other side waits for it. */
    void begin() {
        timer =
                owner.world()
                        .after(
                                owner.limits().handshakeTimeout(),
                                () -> {
                                    if (newest == null) {
                                        fail(Code.TIMEOUT, "no handshake in time");
                                    }
                                });
        Path p = path;
        p.start(this);
        if (origin.initiator()) {
            synchronized (this) {
                handshake.initiate(0);
            }
            flush();
        }
    }

    /** Runs a task that may call other parts once our monitor is free: at once if it is. */
    void later(Runnable task) {
        synchronized (this) {
            after.add(task);
        }
        flush();
    }

    private void flush() {
        if (Thread.holdsLock(this)) {
            return;
        }
        while (true) {
            Runnable task;
            synchronized (this) {
                task = after.poll();
            }
            if (task == null) {
                return;
            }
            task.run();
        }
    }

    /** The proven peer, or null before. */
    PeerId peer() {
        return peer;
    }

    Epoch newest() {
        return newest;
    }

    /** Whether it may be dead: nothing came since a question that should be answered by now. */
    boolean suspect() {
        return suspected && lastHeard - pingSent < 0;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    LinkHandshake handshake() {
        return handshake;
    }

    @Override
    public void frame(ByteBuffer bytes) {
        bytesIn += bytes.remaining();
        ByteBuffer frame = writable(bytes);
        byte kind = frame.get(frame.position());
        if (kind == Hello.RECORD) {
            record(frame);
            return;
        }
        synchronized (this) {
            if (!closed) {
                handshake.frame(kind, frame);
            }
        }
        flush();
    }

    /** Crypto providers open records in place. */
    private static ByteBuffer writable(ByteBuffer frame) {
        return frame.hasArray() ? frame : ByteBuffer.allocate(frame.remaining()).put(frame).flip();
    }

    private void record(ByteBuffer frame) {
        int number = frame.remaining() > 1 ? frame.get(frame.position() + 1) & 0xff : -1;
        // Both sides may shake hands for the same epoch at once: the keys that stood come first,
        // and
        // those that the peer may never have stood at, last.
        Epoch e = newest;
        ByteBuffer plain = open(e, number, frame);
        if (plain == null) {
            e = older;
            plain = open(e, number, frame);
        }
        if (plain == null) {
            e = unproven;
            plain = open(e, number, frame);
        }
        if (plain == null) {
            owner.counters().add(knows(number) ? "link.bad-record" : "link.unknown-epoch");
            return;
        }
        lastHeard = owner.world().nanoTime();
        if (e == unproven) {
            synchronized (this) {
                if (e != unproven || closed) {
                    return;
                }
                unproven = null;
                stand(e);
                handshake.proven();
            }
            flush();
        }
        owner.frames(this, number, plain);
    }

    private boolean knows(int number) {
        return is(newest, number) || is(older, number) || is(unproven, number);
    }

    private static boolean is(Epoch e, int number) {
        return e != null && e.number == number;
    }

    /** Null when it is not of these keys. */
    private ByteBuffer open(Epoch e, int number, ByteBuffer frame) {
        if (!is(e, number)) {
            return null;
        }
        try {
            return e.open(frame);
        } catch (Throwable t) { // also NoClassDefFoundError of an updated bundle
            cryptoFailed(e, t);
            return null;
        }
    }

    /** New keys hold from now on. */
    void stand(Epoch e) {
        older = newest;
        newest = e;
        if (timer != null) {
            timer.close();
            timer = null;
        }
        later(() -> owner.up(this));
    }

    void unproven(Epoch e) {
        unproven = e;
    }

    void proved(PeerId id) {
        peer = id;
    }

    /**
     * Ends what came before these keys if they stood on a link that was not in use: nothing of an
     * older epoch is on its way. Not after still newer ones stood, which has a time of its own.
     */
    void dropOlderIfUnused(Epoch keys) {
        Epoch o = older;
        if (newest == keys && o != null && o != data) {
            dropOlder(o);
        }
    }

    /** Ends an epoch that the newest has replaced on both sides. */
    void dropOlder(Epoch o) {
        if (o != newest) {
            o.drop();
            if (older == o) {
                older = null;
            }
        }
    }

    /**
     * Seals and sends. Under the session's lock.
     *
     * @return false when the path is full or the keys are gone
     */
    boolean send(Epoch epoch, ByteBuffer plain, ByteBuffer scratch) {
        Path p = path;
        if (p == null || epoch == null) {
            return false;
        }
        try {
            if (!epoch.seal(plain, scratch)) {
                return false;
            }
        } catch (Throwable t) {
            cryptoFailed(epoch, t);
            return false;
        }
        bytesOut += scratch.remaining();
        return sendFrame(p, scratch);
    }

    int maxRecord() {
        return Math.min(maxFrame - Epoch.OVERHEAD, FrameWriter.MAX_RECORD);
    }

    /**
     * How long a record of data should be. A fresh path carries about ten packets in its first
     * round trip (RFC 6928, RFC 9002 section 7.2); a record can be opened once it is whole.
     */
    int room() {
        return bytesOut < FRESH_BYTES ? Math.min(maxRecord(), FRESH_RECORD) : maxRecord();
    }

    /** Sends a handshake frame. */
    void sendClear(ByteBuffer frame) {
        Path p = path;
        if (p != null) {
            bytesOut += frame.remaining();
            sendFrame(p, frame);
        }
    }

    /** Lets what is sent wait for what follows, or lets it go. */
    void hold(boolean on) {
        Path p = path;
        if (p != null) {
            try {
                p.hold(on);
            } catch (Throwable t) {
                transportFailed("hold", t);
            }
        }
    }

    private boolean sendFrame(Path p, ByteBuffer frame) {
        try {
            return p.send(0, frame);
        } catch (Throwable t) {
            transportFailed("send", t);
            return true;
        }
    }

    private void transportFailed(String what, Throwable t) {
        origin.transport().crashed(what, t);
        owner.world().after(java.time.Duration.ZERO, () -> close("transport failed"));
    }

    private void cryptoFailed(Epoch e, Throwable t) {
        if (!e.provider.isGone()) {
            e.provider.crashed("record", t);
        }
        // Not on this thread: it may hold the session's lock.
        owner.world().after(java.time.Duration.ZERO, () -> cryptoLeft(e.provider));
    }

    /** A crypto provider left: its keys are dropped; others shake hands in place. */
    void cryptoLeft(ProviderHandle<CryptoProvider> provider) {
        boolean lost;
        synchronized (this) {
            handshake.providerLeft(provider);
            Epoch n = newest;
            for (Epoch e : new Epoch[] {n, older, unproven}) {
                if (e != null && e.provider == provider) {
                    e.drop();
                }
            }
            if (older != null && !older.alive()) {
                older = null;
            }
            if (unproven != null && !unproven.alive()) {
                unproven = null;
            }
            lost = !closed && n != null && !n.alive();
        }
        flush(); // a handshake under way may have failed
        if (lost) {
            later(() -> owner.keyless(this));
            rekey();
        }
    }

    /** Whether keys of this provider are in use here. */
    boolean holds(ProviderHandle<?> provider) {
        Epoch n = newest;
        Epoch o = older;
        return origin.transport() == provider
                || origin.relay() != null && origin.relay() == provider
                || n != null && n.alive() && n.provider == provider
                || o != null && o.alive() && o.provider == provider;
    }

    /** Whether records can be sealed now. */
    boolean keyed() {
        Epoch n = newest;
        return n != null && n.alive();
    }

    /** Opens the next epoch on the same path with the best crypto provider there is. */
    void rekey() {
        synchronized (this) {
            if (!closed && newest != null) {
                handshake.initiate(newest.number + 1 & 0xff);
            }
        }
        flush();
    }

    @Override
    public void writable() {
        owner.writable(this);
    }

    @Override
    public void closed(String why) {
        lost(why);
    }

    /** Ends the path after what was sent. */
    void close(String why) {
        Path p = path;
        if (p != null) {
            try {
                p.close();
            } catch (Throwable t) {
                origin.transport().crashed("close", t);
            }
        }
        lost(why);
    }

    void fail(Code code, String why) {
        synchronized (this) {
            handshake.failed(new KarstException(code, why));
        }
        close(why);
    }

    /** The path is gone: lets go of everything of its transport and its crypto provider. */
    void lost(String why) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            path = null;
            if (timer != null) {
                timer.close();
            }
            handshake.failed(new KarstException(Code.UNREACHABLE, why));
            for (Epoch e : new Epoch[] {newest, older, unproven}) {
                if (e != null) {
                    e.drop();
                }
            }
        }
        // Gives the path a moment to send what it holds, then its socket goes with the scope.
        owner.world().after(java.time.Duration.ofSeconds(1), origin.scope()::cancel);
        later(() -> owner.down(this, why));
    }
}
