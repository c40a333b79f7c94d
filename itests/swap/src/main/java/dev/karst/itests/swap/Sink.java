// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.AccessPolicy;
import dev.karst.Node;
import dev.karst.Peer;
import dev.karst.PipeAcceptor;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.Subscription;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.Flow;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Takes streams from anybody and answers each with its SHA-256. */
@Component(
        service = {},
        immediate = true)
public final class Sink {
    static final ProtocolId PROTOCOL = ProtocolId.of("itest/sink");
    private final Subscription open;

    @Activate
    public Sink(@Reference Node node) {
        open =
                node.accept(
                        PROTOCOL,
                        AccessPolicy.any(),
                        new PipeAcceptor() {
                            @Override
                            public void stream(Peer peer, StreamPipe pipe) {
                                pipe.incoming().subscribe(new Digest(pipe));
                            }
                        });
    }

    @Deactivate
    void stop() {
        open.close();
    }

    private static final class Digest implements Flow.Subscriber<ByteBuffer> {
        private final StreamPipe pipe;
        private final MessageDigest sha;

        Digest(StreamPipe pipe) {
            this.pipe = pipe;
            try {
                sha = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer bytes) {
            sha.update(bytes);
        }

        @Override
        public void onError(Throwable t) {
            System.getLogger(Sink.class.getName())
                    .log(System.Logger.Level.WARNING, "stream failed: " + t.getMessage());
        }

        @Override
        public void onComplete() {
            pipe.write(ByteBuffer.wrap(sha.digest()));
            pipe.finish();
        }
    }
}
