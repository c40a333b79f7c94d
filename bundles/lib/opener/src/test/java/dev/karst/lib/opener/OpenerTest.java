// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.opener;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class OpenerTest {
    private static final String THREAD = "karst-opener-test";
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile RuntimeException deaf; // nobody takes the announcement
    private volatile RuntimeException trouble = new IllegalStateException("the port is taken");

    private Opener opener(long pauseMillis) {
        return new Opener(
                THREAD,
                pauseMillis,
                () -> {
                    if (trouble != null) {
                        throw trouble;
                    }
                    return () -> told.add("down");
                },
                server -> {
                    if (deaf != null) {
                        throw deaf;
                    }
                    told.add("up");
                    return () -> told.add("withdrawn");
                });
    }

    private static boolean tries() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(t -> t.getName().equals(THREAD));
    }

    @Test
    void opensAtOnceAndClosesOnce() {
        trouble = null;
        Opener opener = opener(3_600_000);
        assertEquals(List.of("up"), told);
        assertFalse(tries());
        opener.close();
        opener.close();
        assertEquals(List.of("up", "withdrawn", "down"), told);
    }

    @Test
    void whatCannotBeAnnouncedIsClosed() {
        trouble = null;
        deaf = new IllegalArgumentException("the framework stops");
        assertThrows(IllegalArgumentException.class, () -> opener(20).close());
        assertEquals(List.of("down"), told);
    }

    @Test
    void takesOverWhenThePortIsFree() {
        try (Opener opener = opener(20)) {
            assertEquals(List.of(), told);
            trouble = null;
            await().until(() -> told.equals(List.of("up")));
        }
        assertEquals(List.of("up", "withdrawn", "down"), told);
    }

    @Test
    void endsWhileItWaits() {
        opener(3_600_000).close();
        assertFalse(tries());
        assertEquals(List.of(), told);
    }

    @Test
    void settingsOfNoUseAreToldAtOnceAndEndTheTriesLater() {
        try (Opener opener = opener(20)) {
            trouble = new IllegalArgumentException("no such key store");
            await().until(() -> !tries());
        }
        assertThrows(IllegalArgumentException.class, () -> opener(20).close());
        assertEquals(List.of(), told);
    }
}
