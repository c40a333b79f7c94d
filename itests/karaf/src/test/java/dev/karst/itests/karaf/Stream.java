// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import dev.karst.Node;
import dev.karst.NodeEvent;
import dev.karst.PathInfo;
import dev.karst.Peer;
import dev.karst.PeerAddress;
import dev.karst.PeerState;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.Subscription;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A stream to another node, and what becomes of its path. Only to be used once Karst is installed
 * for good: it ties the test's bundle to the API.
 */
final class Stream implements AutoCloseable {
    static final ProtocolId PROTOCOL = ProtocolId.of("itest/later");

    private static final int BLOCK = 64 * 1024;
    private static final long WAIT_SECONDS = 20;

    private final Peer peer;
    private final StreamPipe pipe;
    private PathInfo path;
    private final List<String> broken = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private final Subscription events;
    private final Thread sender = new Thread(this::send, "itest-stream");
    private volatile boolean enough;
    private volatile long sent;
    private volatile String result = "still running";

    /** Connects and begins to send, about 16 MiB a second. */
    Stream(Object node, String address) throws Exception {
        Node from = (Node) node;
        peer =
                from.connect(PeerAddress.parse(address))
                        .toCompletableFuture()
                        .get(WAIT_SECONDS, TimeUnit.SECONDS);
        pipe =
                peer.openStream(PROTOCOL, PipeOptions.defaults())
                        .toCompletableFuture()
                        .get(WAIT_SECONDS, TimeUnit.SECONDS);
        Until.holds(
                "one path",
                WAIT_SECONDS,
                () -> peer.paths().size() == 1); // spare ones of the race go within seconds
        path = peer.paths().get(0);
        events = from.watch(this::note);
        sender.start();
        awaitProgress();
    }

    private void note(NodeEvent e) {
        if (e instanceof NodeEvent.PeerChanged c && c.state() == PeerState.CLOSED) {
            closed = true;
        }
        if (e instanceof NodeEvent.PathDown
                || e instanceof NodeEvent.PathUp
                || e instanceof NodeEvent.PeerChanged c && c.state() != PeerState.CONNECTED) {
            broken.add(e.toString());
        }
    }

    private void send() {
        try {
            ByteChannel channel = pipe.blocking();
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[BLOCK];
            Random random = new Random(17);
            random.nextBytes(block);
            while (!enough) {
                block[random.nextInt(BLOCK)]++; // no two blocks alike
                sha.update(block);
                channel.write(ByteBuffer.wrap(block));
                sent += BLOCK;
                TimeUnit.MILLISECONDS.sleep(4);
            }
            pipe.finish();
            ByteBuffer answer = ByteBuffer.allocate(64);
            while (channel.read(answer) >= 0) {
                continue; // until the end of the stream
            }
            byte[] got = Arrays.copyOf(answer.array(), answer.position());
            result = Arrays.equals(got, sha.digest()) ? "equal" : "DIFFERENT";
        } catch (Exception e) {
            result = "failed: " + e;
        }
    }

    /** Waits until the other side has acknowledged more than now. */
    private void awaitProgress() throws Exception {
        long before = acknowledged();
        Until.holds("bytes get through", WAIT_SECONDS, () -> acknowledged() > before);
    }

    private long acknowledged() {
        return peer.pipes().stream().mapToLong(p -> p.acknowledged()).sum();
    }

    /** The path is the one it began with, nothing was told of it, and bytes flow. */
    void assertUnbroken(String after) throws Exception {
        awaitProgress();
        assertEquals("events after " + after, List.of(), broken);
        assertEquals("paths after " + after, 1, peer.paths().size());
        PathInfo now = peer.paths().get(0);
        assertEquals("local after " + after, path.local(), now.local());
        assertEquals("remote after " + after, path.remote(), now.remote());
        assertEquals("generation after " + after, path.generation(), now.generation());
        assertEquals("keys after " + after, path.crypto(), now.crypto());
        assertTrue("in use after " + after, now.inUse());
        assertTrue("bytes after " + after, now.bytesOut() > path.bytesOut());
        assertEquals("state after " + after, PeerState.CONNECTED, peer.state());
    }

    /** Whatever became of its path: bytes flow, and nobody noticed more than a pause. */
    void assertAlive(String after) throws Exception {
        Until.holds(
                "one path after " + after,
                WAIT_SECONDS,
                () -> peer.paths().size() == 1 && peer.state() == PeerState.CONNECTED);
        awaitProgress();
        assertEquals("state after " + after, PeerState.CONNECTED, peer.state());
        assertFalse("closed after " + after, closed);
        path = peer.paths().get(0);
        broken.clear();
    }

    /** Ends it: how many bytes came through with an equal hash. */
    long end() throws InterruptedException {
        long bytes = survived();
        assertEquals("events at the end", List.of(), broken);
        return bytes;
    }

    /** The same, where paths were broken. */
    long survived() throws InterruptedException {
        enough = true;
        sender.join(WAIT_SECONDS * 1000);
        assertEquals("hash", "equal", result);
        assertFalse("the session was closed", closed);
        return sent;
    }

    @Override
    public void close() {
        enough = true;
        events.close();
        peer.disconnect();
    }
}
