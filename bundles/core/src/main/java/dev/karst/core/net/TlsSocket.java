// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.TlsOptions;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * TLS over a TCP socket, as a client. Input is decrypted in the turn of that socket; the engine's
 * lock is held for its computations only, except that what was sealed is written under it, in
 * order. Renegotiation is refused.
 */
final class TlsSocket implements TcpSocket, TcpHandler, SocketOwner.Owned {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketOwner.Slot slot = new SocketOwner.Slot();
    private final CoreNetwork net;
    private final CoreTcpSocket raw;
    private final SSLEngine engine; // its own lock
    private final SocketOwner owner;
    private final CompletableFuture<TcpSocket> result;

    private ByteBuffer rest = NOTHING; // these in turn; sealed bytes that wait, ready to be read
    private boolean rawEnded;
    private boolean tlsEnded;
    private boolean finishedTold;
    private boolean established;
    private boolean tasking;
    private volatile boolean readingOn = true;
    private volatile boolean closing;
    private boolean outEnded; // guarded by the engine
    private boolean room = true; // guarded by the engine
    private TcpHandler handler; // these guarded by this
    private boolean over;
    private Optional<Throwable> why = Optional.empty();

    private TlsSocket(
            CoreNetwork net,
            CoreTcpSocket raw,
            SSLEngine engine,
            SocketOwner owner,
            CompletableFuture<TcpSocket> result) {
        this.net = net;
        this.raw = raw;
        this.engine = engine;
        this.owner = owner;
        this.result = result;
    }

    /** Completes {@code result} with a socket after the handshake; the raw one ends if it fails. */
    static void shakeHands(
            CoreNetwork net,
            CoreTcpSocket raw,
            String host,
            TlsOptions options,
            SocketOwner owner,
            CompletableFuture<TcpSocket> result) {
        Runnable begin =
                () -> {
                    try {
                        SSLEngine e = TlsEngines.client(host, raw.remote().getPort(), options);
                        TlsSocket tls = new TlsSocket(net, raw, e, owner, result);
                        e.beginHandshake();
                        raw.start(tls);
                        raw.submit(tls::pumpOn);
                    } catch (GeneralSecurityException | IOException | RuntimeException e) {
                        raw.abort();
                        result.completeExceptionally(CoreNetwork.asIo(e));
                    }
                };
        if (!net.tryExecute(begin)) {
            raw.abort();
            result.completeExceptionally(new IOException("too much else is being computed"));
        }
    }

    // --- told by the raw socket, in its turn ---

    @Override
    public void bytes(ByteBuffer bytes) {
        rest = rest.hasRemaining() ? join(rest, bytes) : bytes;
        pumpSafely();
        if (rest == bytes) {
            rest = join(bytes, NOTHING);
        }
    }

    private static ByteBuffer join(ByteBuffer a, ByteBuffer b) {
        return ByteBuffer.allocate(a.remaining() + b.remaining()).put(a).put(b).flip();
    }

    @Override
    public void writable() {
        TcpHandler h = handler();
        if (h != null) {
            h.writable();
        }
    }

    @Override
    public void finished() {
        rawEnded = true;
        pumpSafely();
    }

    @Override
    public void closed(Optional<Throwable> reason) {
        SocketOwner.over(this);
        TcpHandler h;
        synchronized (this) {
            over = true;
            if (why.isEmpty()) {
                why = reason;
            }
            h = handler;
        }
        result.completeExceptionally(
                why.map(CoreNetwork::asIo)
                        .orElseGet(() -> new EOFException("closed during the TLS handshake")));
        if (h != null) {
            h.closed(why);
        }
    }

    // --- the engine ---

    private void pumpOn() {
        if (!paused()) {
            raw.reading(true);
        }
        pumpSafely();
    }

    private boolean paused() {
        return tasking || established && (handler() == null || !readingOn);
    }

    private void pumpSafely() {
        ByteBuffer plain = net.inChunks.take();
        try {
            pump(plain);
            if (!rest.hasRemaining()) {
                rest = NOTHING; // holds no memory while idle
            }
            endIfDone();
        } catch (IOException e) {
            fail(e);
        } catch (Throwable e) { // a foreign handler
            net.count("net.handler-failed");
            fail(new IOException("the handler failed: " + e, e));
        } finally {
            net.inChunks.give(plain);
        }
    }

    private void pump(ByteBuffer plain) throws IOException {
        while (!tlsEnded && !closing) {
            if (paused()) {
                raw.reading(false);
                return;
            }
            SSLEngineResult r;
            plain.clear();
            synchronized (engine) {
                HandshakeStatus status = engine.getHandshakeStatus();
                if (status == HandshakeStatus.NEED_TASK) {
                    compute();
                    return;
                } else if (status == HandshakeStatus.NEED_WRAP) {
                    r = wrap(NOTHING);
                } else if (rest.hasRemaining() || status == HandshakeStatus.NEED_UNWRAP_AGAIN) {
                    r = engine.unwrap(rest, plain);
                } else {
                    return;
                }
            }
            if (r.getHandshakeStatus() == HandshakeStatus.FINISHED && !established) {
                established = true;
                SocketOwner.over(raw);
                if (!owner.own(this) || !result.complete(this)) {
                    throw new IOException("nobody waits for this socket any more");
                }
            }
            if (r.getStatus() == Status.BUFFER_UNDERFLOW) {
                return;
            }
            tlsEnded = r.getStatus() == Status.CLOSED;
            if (plain.position() > 0) {
                handler().bytes(plain.flip());
            }
        }
    }

    /** Under the engine's lock. */
    private void compute() throws IOException {
        if (established) {
            throw new SSLException("renegotiation refused");
        }
        tasking = true;
        raw.reading(false);
        Runnable work =
                () -> {
                    Runnable task;
                    while ((task = engine.getDelegatedTask()) != null) {
                        task.run();
                    }
                    raw.submit(
                            () -> {
                                tasking = false;
                                raw.reading(true);
                                pumpOn();
                            });
                };
        if (!net.tryExecute(work)) {
            throw new IOException("too much else is being computed");
        }
    }

    /** Seals and sends; under the engine's lock. */
    private SSLEngineResult wrap(ByteBuffer... plain) throws SSLException {
        ByteBuffer sealed = net.outChunks.take();
        try {
            int record = engine.getSession().getPacketBufferSize();
            SSLEngineResult r;
            do {
                r = engine.wrap(plain, sealed);
            } while (r.bytesConsumed() > 0 && sealed.remaining() >= record && remain(plain));
            room = raw.write(sealed.flip());
            return r;
        } finally {
            net.outChunks.give(sealed);
        }
    }

    private static boolean remain(ByteBuffer... parts) {
        for (ByteBuffer p : parts) {
            if (p.hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    private void endIfDone() throws IOException {
        if (closing) {
            return;
        }
        if (tlsEnded && !finishedTold && handler() != null) {
            finishedTold = true;
            rest = NOTHING;
            raw.reading(true); // sees the end of the connection
            handler().finished();
        } else if (rawEnded && !tlsEnded && !paused()) {
            throw new EOFException("the connection ended without TLS's close_notify");
        }
    }

    private void fail(IOException e) {
        synchronized (this) {
            if (why.isEmpty() && !closing) {
                why = Optional.of(e);
            }
        }
        result.completeExceptionally(e);
        close(); // the engine's alert goes first
    }

    private synchronized TcpHandler handler() {
        return handler;
    }

    // --- the user's calls ---

    @Override
    public InetSocketAddress local() {
        return raw.local();
    }

    @Override
    public InetSocketAddress remote() {
        return raw.remote();
    }

    @Override
    public SocketOwner.Slot slot() {
        return slot;
    }

    @Override
    public void start(TcpHandler h) {
        boolean late;
        synchronized (this) {
            if (handler != null) {
                throw new IllegalStateException("started already");
            }
            handler = h;
            late = over;
        }
        raw.submit(late ? () -> h.closed(why) : this::pumpOn);
    }

    @Override
    public boolean write(ByteBuffer... parts) {
        SSLException failed;
        synchronized (engine) {
            try {
                while (remain(parts)) {
                    if (outEnded) {
                        return false;
                    }
                    SSLEngineResult r = wrap(parts);
                    outEnded |= r.getStatus() == Status.CLOSED;
                    if (r.bytesConsumed() + r.bytesProduced() == 0 && !outEnded) {
                        throw new SSLException("the TLS engine is stuck: " + r);
                    }
                }
                return room;
            } catch (SSLException e) {
                failed = e;
            }
        }
        raw.submit(() -> fail(failed));
        return false;
    }

    @Override
    public void reading(boolean on) {
        readingOn = on;
        if (on) {
            raw.submit(this::pumpOn);
        } else {
            raw.reading(false);
        }
    }

    @Override
    public void finish() {
        endOutput();
        raw.finish();
    }

    /** Says close_notify, or the alert that the engine has to say. */
    private void endOutput() {
        synchronized (engine) {
            if (outEnded) {
                return;
            }
            outEnded = true;
            engine.closeOutbound();
            try {
                SSLEngineResult r;
                do {
                    r = wrap(NOTHING);
                } while (r.bytesProduced() > 0 && !engine.isOutboundDone());
            } catch (SSLException e) {
                net.count("net.tls-close-failed"); // the handshake never got far enough
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        endOutput();
        raw.close();
    }

    @Override
    public void abort() {
        closing = true;
        raw.abort();
    }
}
