// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import dev.karst.AccessPolicy;
import dev.karst.Peer;
import dev.karst.PipeAcceptor;
import dev.karst.StreamPipe;
import dev.karst.itests.bench.LocalNode;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.Flow;

/**
 * The node at the other side, in the process that starts the container: plain Java. It answers each
 * stream with the SHA-256 of what came.
 */
final class FarNode {
    private static LocalNode node;

    private FarNode() {}

    /** Its address; it ends with the process. */
    static synchronized String address() {
        try {
            if (node == null) {
                node = new LocalNode();
                node.node().accept(Stream.PROTOCOL, AccessPolicy.any(), new Digests());
            }
            return node.address().toString();
        } catch (Exception e) {
            throw new IllegalStateException("the far node did not start", e);
        }
    }

    private static final class Digests implements PipeAcceptor {
        @Override
        public void stream(Peer peer, StreamPipe pipe) {
            pipe.incoming().subscribe(new Digest(pipe));
        }
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
            System.err.println("the stream failed at the far node: " + t);
        }

        @Override
        public void onComplete() {
            pipe.write(ByteBuffer.wrap(sha.digest()));
            pipe.finish();
        }
    }
}
