// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A reliable, ordered stream of bytes in both directions; each direction ends on its own.
 *
 * <p>Read by {@link #incoming()} or by {@link #blocking()}: one of the two, never both.
 */
@ProviderType
public interface StreamPipe extends Pipe {
    /**
     * Writes all of {@code bytes}. The buffer belongs to the pipe until the stage completes, and is
     * then fully consumed. Writes are carried out in the order of the calls.
     *
     * @return completes when the replay buffer has all of it (back pressure: wait before writing
     *     more); fails with the reason when the pipe ended. At most 16 MiB per call.
     */
    CompletionStage<Void> write(ByteBuffer bytes);

    /**
     * Ends this direction after what was written (half-close).
     *
     * @return completes when the peer acknowledged every byte and the end
     */
    CompletionStage<Void> finish();

    /**
     * What the peer writes. One subscriber only. Buffers are read-only, at most 16 KiB, and theirs
     * to keep. {@code onComplete} at the peer's half-close, {@code onError} with a {@link
     * KarstException} otherwise. Signals come one at a time on network threads: never block in
     * them.
     */
    Flow.Publisher<ByteBuffer> incoming();

    /**
     * The simple flavour, for ordinary threads: {@code read} blocks and returns -1 at the peer's
     * half-close; {@code write} blocks for back pressure; {@code close} closes the pipe gracefully
     * (finish, without waiting) if all incoming data was read, else aborts. Errors come as {@link
     * java.io.IOException} with the {@link KarstException} as cause. Interruptible. Never use it on
     * a thread of the core (in a {@link PipeAcceptor} or a subscriber).
     */
    ByteChannel blocking();
}
