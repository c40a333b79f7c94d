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
    private volatile RuntimeException trouble = new IllegalStateException("the port is taken");

    private Runnable open() {
        if (trouble != null) {
            throw trouble;
        }
        told.add("up");
        return () -> told.add("down");
    }

    private static boolean tries() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(t -> t.getName().equals(THREAD));
    }

    @Test
    void opensAtOnceAndClosesOnce() {
        trouble = null;
        Opener opener = new Opener(THREAD, 3_600_000, this::open);
        assertEquals(List.of("up"), told);
        assertFalse(tries());
        opener.close();
        opener.close();
        assertEquals(List.of("up", "down"), told);
    }

    @Test
    void takesOverWhenThePortIsFree() {
        try (Opener opener = new Opener(THREAD, 20, this::open)) {
            assertEquals(List.of(), told);
            trouble = null;
            await().until(() -> told.equals(List.of("up")));
        }
        assertEquals(List.of("up", "down"), told);
    }

    @Test
    void endsWhileItWaits() {
        new Opener(THREAD, 3_600_000, this::open).close();
        assertFalse(tries());
        assertEquals(List.of(), told);
    }

    @Test
    void settingsOfNoUseAreToldAtOnceAndEndTheTriesLater() {
        try (Opener opener = new Opener(THREAD, 20, this::open)) {
            trouble = new IllegalArgumentException("no such key store");
            await().until(() -> !tries());
        }
        assertThrows(
                IllegalArgumentException.class, () -> new Opener(THREAD, 20, this::open).close());
        assertEquals(List.of(), told);
    }
}
