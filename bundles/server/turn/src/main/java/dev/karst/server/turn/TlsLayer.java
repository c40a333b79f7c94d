// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * TLS between a connection and its bytes. On the listener's thread; what costs much (signatures,
 * key agreement) runs elsewhere meanwhile.
 */
final class TlsLayer {
    private final SSLEngine engine;
    private final Executor costly;
    private final Executor loop;
    private final Consumer<ByteBuffer> toWire;
    private final Consumer<ByteBuffer> plain;
    private final Runnable broken;
    private ByteBuffer in;
    private ByteBuffer clear;
    private final ByteBuffer sealed;
    private boolean working;
    private boolean over;

    /**
     * A layer.
     *
     * @param costly runs tasks elsewhere
     * @param loop runs tasks on the listener's thread
     * @param toWire sends; takes the bytes before it returns
     * @param plain is given what was decrypted
     * @param broken told once, when nothing more can be read
     */
    TlsLayer(
            SSLEngine engine,
            Executor costly,
            Executor loop,
            Consumer<ByteBuffer> toWire,
            Consumer<ByteBuffer> plain,
            Runnable broken) {
        this.engine = engine;
        this.costly = costly;
        this.loop = loop;
        this.toWire = toWire;
        this.plain = plain;
        this.broken = broken;
        in = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        clear = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        sealed = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    }

    /** Takes what came from the wire. */
    void received(ByteBuffer bytes) {
        while (bytes.hasRemaining() && !over) {
            if (!in.hasRemaining()) {
                if (in.capacity() > 1 << 18) {
                    fail(); // while tasks run, a peer has nothing more to say
                    return;
                }
                in = ByteBuffer.allocate(2 * in.capacity()).put(in.flip());
            }
            int n = Math.min(in.remaining(), bytes.remaining());
            in.put(bytes.slice().limit(n));
            bytes.position(bytes.position() + n);
            turn();
        }
    }

    /** Encrypts and sends. False: the handshake is not over, or all is. */
    boolean send(ByteBuffer bytes) {
        if (over || working || engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            return false;
        }
        try {
            while (bytes.hasRemaining()) {
                if (wrap(bytes).getStatus() != SSLEngineResult.Status.OK) {
                    fail();
                    return false;
                }
            }
            return true;
        } catch (SSLException e) {
            fail();
            return false;
        }
    }

    private SSLEngineResult wrap(ByteBuffer from) throws SSLException {
        sealed.clear();
        SSLEngineResult r = engine.wrap(from, sealed);
        toWire.accept(sealed.flip());
        return r;
    }

    private void turn() {
        try {
            while (!over && !working) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> work();
                    case NEED_WRAP -> {
                        if (wrap(ByteBuffer.allocate(0)).getStatus()
                                == SSLEngineResult.Status.CLOSED) {
                            fail();
                        }
                    }
                    default -> {
                        if (!unwrap()) {
                            return;
                        }
                    }
                }
            }
        } catch (SSLException e) {
            flushAlert();
            fail();
        }
    }

    /** False if more bytes are needed. */
    private boolean unwrap() throws SSLException {
        in.flip();
        clear.clear();
        SSLEngineResult r = engine.unwrap(in, clear);
        in.compact();
        switch (r.getStatus()) {
            case BUFFER_UNDERFLOW -> {
                return false;
            }
            case BUFFER_OVERFLOW ->
                    clear = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
            case CLOSED -> {
                fail();
                return false;
            }
            case OK -> {
                clear.flip();
                if (clear.hasRemaining()) {
                    plain.accept(clear);
                } else if (r.bytesConsumed() == 0
                        && r.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
                    return false;
                }
            }
        }
        return true;
    }

    private void work() {
        Runnable task = engine.getDelegatedTask();
        if (task == null) {
            return;
        }
        working = true;
        costly.execute(
                () -> {
                    task.run();
                    loop.execute(
                            () -> {
                                working = false;
                                turn();
                            });
                });
    }

    private void flushAlert() {
        try {
            wrap(ByteBuffer.allocate(0));
        } catch (SSLException e) {
            // It is over anyway.
        }
    }

    private void fail() {
        if (!over) {
            over = true;
            broken.run();
        }
    }
}
