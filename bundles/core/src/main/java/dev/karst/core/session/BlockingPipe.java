// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.KarstException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** The simple flavour of a stream pipe, for ordinary threads. */
final class BlockingPipe implements ByteChannel {
    private final StreamPipeImpl pipe;
    private final Inbox inbox;
    private volatile boolean open = true;

    BlockingPipe(StreamPipeImpl pipe, Inbox inbox) {
        this.pipe = pipe;
        this.inbox = inbox;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        try {
            return into.hasRemaining() ? inbox.read(into) : 0;
        } catch (KarstException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading");
        }
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        int n = bytes.remaining();
        while (bytes.hasRemaining()) {
            int run = Math.min(bytes.remaining(), 1 << 20);
            ByteBuffer part = bytes.slice(bytes.position(), run);
            await(pipe.write(part));
            bytes.position(bytes.position() + run);
        }
        return n;
    }

    private static void await(CompletionStage<Void> stage) throws IOException {
        try {
            stage.toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while writing");
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            if (inbox.exhausted()) {
                pipe.finish();
            } else {
                pipe.close();
            }
        }
    }
}
