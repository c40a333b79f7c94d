// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.directory;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.PeerId;
import dev.karst.core.world.CoreScope;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.spi.directory.PeerDirectory;
import dev.karst.spi.directory.PeerDirectory.Listing;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link PeerDirectory} must do; the subclass says which one and whether it writes. */
@Timeout(30)
public abstract class PeerDirectoryContract {
    protected final LocalWorld world = LocalWorld.netty();
    private final CoreScope scope = world.scope();
    private final Publisher bob = new Publisher();
    private final Queue<Optional<byte[]>> foreign = new ConcurrentLinkedQueue<>();

    /** A new one, as on another node, each time; all show the same. */
    protected abstract PeerDirectory newDirectory();

    /** Whether nodes can publish there. */
    protected abstract boolean writable();

    /** Whether it has to ask somebody else; one that does not may answer in a cancelled scope. */
    protected boolean remote() {
        return true;
    }

    /** A peer that is listed from the beginning, if there is one. */
    protected Optional<PeerId> listed() {
        return Optional.empty();
    }

    @AfterEach
    void close() {
        world.close();
    }

    private static void assertFails(CompletionStage<?> stage) {
        var e =
                assertThrows(
                        ExecutionException.class,
                        () -> stage.toCompletableFuture().get(15, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, e.getCause());
        assertFalse(e.getCause().getMessage().isBlank(), "the reason in words");
    }

    private void publish(PeerDirectory directory, byte[] record) {
        get(directory.publish(bob.id(), record, foreign::add, scope));
    }

    private byte[] found(PeerDirectory directory) {
        List<Listing> all = get(directory.lookup(bob.id(), scope));
        assertEquals(1, all.size(), "listings");
        return all.get(0).record().orElseThrow();
    }

    @Test
    void hasNothingOnAStranger() {
        assertEquals(List.of(), get(newDirectory().lookup(bob.id(), scope)));
    }

    @Test
    void findsWhoIsListed() {
        assumeTrue(listed().isPresent(), "lists nobody from the beginning");
        List<Listing> all = get(newDirectory().lookup(listed().get(), scope));
        assertFalse(all.isEmpty());
        for (Listing l : all) {
            assertTrue(l.record().isPresent() != l.address().isPresent(), "one or the other");
            l.address().ifPresent(a -> assertEquals(listed().get(), a.id()));
        }
    }

    @Test
    void othersFindWhatWasPublished() {
        assumeTrue(writable(), "this directory cannot be written");
        PeerDirectory own = newDirectory();
        byte[] record = bob.record(1);
        publish(own, record);
        assertArrayEquals(record, found(newDirectory()));
        assertArrayEquals(record, found(own), "the publisher itself");
        assertEquals(List.of(), get(own.lookup(new Publisher().id(), scope)), "somebody else");
        assertTrue(foreign.isEmpty(), "called its own record foreign");
    }

    @Test
    void theNextRecordReplacesTheFormer() {
        assumeTrue(writable(), "this directory cannot be written");
        PeerDirectory own = newDirectory();
        publish(own, bob.record(1));
        byte[] second = bob.record(2);
        publish(own, second);
        assertArrayEquals(second, found(newDirectory()));
        assertArrayEquals(second, found(own));
        assertTrue(foreign.isEmpty(), "called its own record foreign");
    }

    @Test
    void tellsWhatAnotherPutInItsPlace() {
        assumeTrue(writable(), "this directory cannot be written");
        publish(newDirectory(), bob.record(1));
        byte[] other = bob.record(2);
        Queue<Optional<byte[]>> atOther = new ConcurrentLinkedQueue<>();
        get(newDirectory().publish(bob.id(), other, atOther::add, scope));
        await("told of the foreign record")
                .atMost(10, TimeUnit.SECONDS)
                .until(
                        () ->
                                foreign.stream()
                                        .anyMatch(
                                                f ->
                                                        f.isPresent()
                                                                && Arrays.equals(f.get(), other)));
        assertArrayEquals(other, found(newDirectory()), "only the core decides to publish anew");
        assertTrue(atOther.isEmpty(), "called its own record foreign");
    }

    @Test
    void refusesARecordThatIsTooLong() {
        assumeTrue(writable(), "this directory cannot be written");
        PeerDirectory own = newDirectory();
        byte[] record = bob.record(1);
        publish(own, record);
        byte[] tooLong = new byte[PeerDirectory.MAX_RECORD + 1];
        assertFails(own.publish(bob.id(), tooLong, foreign::add, scope));
        assertArrayEquals(record, found(newDirectory()));
    }

    @Test
    void aCancelledScopeFails() {
        assumeTrue(remote(), "answers without asking anybody");
        CoreScope over = world.scope();
        over.cancel();
        PeerDirectory own = newDirectory();
        assertFails(own.lookup(bob.id(), over));
        if (writable()) {
            assertFails(own.publish(bob.id(), bob.record(1), foreign::add, over));
            publish(own, bob.record(2)); // and does no harm to what comes later
            assertFails(own.lookup(bob.id(), over));
        }
    }

    @Test
    void publishingWhereNobodyCanWriteCompletesAndChangesNothing() {
        assumeFalse(writable());
        PeerDirectory own = newDirectory();
        publish(own, bob.record(1));
        assertEquals(List.of(), get(own.lookup(bob.id(), scope)));
        assertTrue(foreign.isEmpty());
    }
}
