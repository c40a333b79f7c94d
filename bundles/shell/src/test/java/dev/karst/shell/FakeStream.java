// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.PeerId;
import dev.karst.PipeState;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Pipe;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** One end of a blocking stream over two kernel pipes. */
final class FakeStream implements StreamPipe {
    record Pair(FakeStream mine, FakeStream theirs) {}

    private final ProtocolId protocol;
    private final PeerId peer;
    private final Pipe.SourceChannel in;
    private final Pipe.SinkChannel out;

    private FakeStream(
            ProtocolId protocol, PeerId peer, Pipe.SourceChannel in, Pipe.SinkChannel out) {
        this.protocol = protocol;
        this.peer = peer;
        this.in = in;
        this.out = out;
    }

    static Pair pair(ProtocolId protocol, PeerId mine, PeerId theirs) {
        try {
            Pipe up = Pipe.open();
            Pipe down = Pipe.open();
            return new Pair(
                    new FakeStream(protocol, theirs, down.source(), up.sink()),
                    new FakeStream(protocol, mine, up.source(), down.sink()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public CompletionStage<Void> write(ByteBuffer bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> finish() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public ByteChannel blocking() {
        return new ByteChannel() {
            @Override
            public int read(ByteBuffer dst) throws IOException {
                return in.read(dst);
            }

            @Override
            public int write(ByteBuffer src) throws IOException {
                return out.write(src);
            }

            @Override
            public boolean isOpen() {
                return out.isOpen();
            }

            @Override
            public void close() throws IOException {
                out.close();
            }
        };
    }

    @Override
    public void close() {
        try {
            in.close();
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ProtocolId protocol() {
        return protocol;
    }

    @Override
    public PeerId peer() {
        return peer;
    }

    @Override
    public PipeState state() {
        return PipeState.OPEN;
    }

    @Override
    public CompletionStage<Void> closed() {
        return new CompletableFuture<>();
    }

    @Override
    public Flow.Publisher<ByteBuffer> incoming() {
        throw new UnsupportedOperationException();
    }
}
