// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Subscription;
import dev.karst.lib.mqtt.testing.Mosquitto;
import dev.karst.lib.mqtt.testing.TestScope;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A link over real sockets to a real mosquitto. */
class MqttLinkTest {
    private final TestScope scope = new TestScope();
    private Mosquitto broker;

    /** Notes what it was told. */
    static final class Notes implements MqttSubscriber {
        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void message(byte[] payload, boolean retained) {
            lines.add(new String(payload, StandardCharsets.UTF_8) + (retained ? " kept" : ""));
        }

        @Override
        public void granted() {
            lines.add("granted");
        }

        @Override
        public void refused() {
            lines.add("refused");
        }

        @Override
        public void lost() {
            lines.add("lost");
        }

        @Override
        public void ended(String why) {
            lines.add("ended");
        }

        void awaits(String... expected) {
            await().atMost(8, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertEquals(List.of(expected), lines));
        }
    }

    @BeforeEach
    void start() throws Exception {
        String missing = Mosquitto.missing();
        Assumptions.assumeTrue(missing.isEmpty(), missing);
        broker = Mosquitto.guarded();
    }

    @AfterEach
    void stop() throws Exception {
        scope.close();
        if (broker != null) {
            broker.close();
        }
    }

    private static final MqttLogin LOGIN = MqttLogin.of(Mosquitto.USER, Mosquitto.PASSWORD);

    private MqttLink link() {
        return MqttLink.keep(BrokerUrl.parse(broker.url(), ""), LOGIN, scope);
    }

    private static byte[] text(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private static void join(CompletionStage<Void> stage) throws Exception {
        stage.toCompletableFuture().get(12, TimeUnit.SECONDS);
    }

    private static String failure(CompletionStage<Void> stage) {
        return assertThrows(ExecutionException.class, () -> join(stage)).getCause().getMessage();
    }

    @Test
    void publishesSubscribesAndLeavesNothing() throws Exception {
        MqttLink link = link();
        Notes notes = new Notes();
        Subscription subscription = link.subscribe("t", notes);
        notes.awaits("granted");
        join(link.publish("t", text("live"), false, scope));
        join(link.publish("t", text("kept"), true, scope));
        notes.awaits("granted", "live", "kept");
        Notes late = new Notes();
        assertFalse(link.idle());
        subscription.close();
        subscription.close();
        assertTrue(link.idle());
        link.subscribe("t", late);
        late.awaits("granted", "kept kept");
        link.close();
        late.awaits("granted", "kept kept", "ended");
        assertTrue(link.closed());
        assertTrue(failure(link.publish("t", text("x"), false, scope)).endsWith("closed"));
        await().until(() -> scope.sockets() == 0);
        assertEquals(0, scope.cancellations());
        await().until(() -> scope.timers() == 0);
    }

    @Test
    void comesBackAndRepeatsWhatTheBrokerDidNotTake() throws Exception {
        MqttLink link = link();
        Notes notes = new Notes();
        link.subscribe("t", notes);
        notes.awaits("granted");
        broker.freeze();
        CompletionStage<Void> pending = link.publish("t", text("survivor"), false, scope);
        broker.kill();
        notes.awaits("granted", "lost");
        broker.start();
        join(pending);
        notes.awaits("granted", "lost", "granted", "survivor");
        assertTrue(broker.log().contains("PUBLISH from k"), "the broker logs it");
        assertTrue(broker.log().contains("(d1, q1, r0, m"), "repeated, marked as such");
    }

    /** A laptop that comes out of a tunnel does not wait until the next try is due. */
    @Test
    void anotherNetworkIsTriedAtOnce() {
        scope.offline(true);
        MqttLink link = link();
        Notes notes = new Notes();
        link.subscribe("t", notes);
        await().until(() -> scope.counted("mqtt.connection-failed") == 3);
        scope.offline(false);
        assertEquals(1, scope.networkChanged());
        // The fourth try would be due after 1.5 s at least.
        await().atMost(1, TimeUnit.SECONDS)
                .untilAsserted(() -> assertTrue(notes.lines.contains("granted")));
        link.close();
        assertEquals(0, scope.networkChanged());
    }

    @Test
    void saysThatThePasswordIsWrongAndWaits() throws Exception {
        MqttLogin wrong = MqttLogin.of(Mosquitto.USER, "sandstone");
        MqttLink kept = MqttLink.keep(BrokerUrl.parse(broker.url(), ""), wrong, scope);
        String once =
                failure(
                        MqttLink.once(BrokerUrl.parse(broker.url(), ""), wrong, scope)
                                .publish("t", text("x"), false, scope));
        assertTrue(once.contains("user name or password"), once);
        assertFalse(once.contains("sandstone"));
        CompletionStage<Void> waiting = kept.publish("t", text("x"), false, scope);
        await().until(() -> scope.counted("mqtt.connection-failed") >= 3);
        assertTrue(scope.counted("mqtt.connection-failed") < 6, "with pauses");
        scope.close();
        String cancelled = failure(waiting);
        assertTrue(cancelled.contains("closed") || cancelled.contains("cancelled"), cancelled);
        assertEquals(0, scope.sockets());
    }

    @Test
    void trustsThePinnedCertificateOnly() throws Exception {
        MqttLink right =
                MqttLink.once(BrokerUrl.parse(broker.tlsUrl(), broker.pin()), LOGIN, scope);
        join(right.publish("t", text("x"), false, scope));
        right.close();
        String other = "00" + broker.pin().substring(2);
        MqttLink wrong = MqttLink.once(BrokerUrl.parse(broker.tlsUrl(), other), LOGIN, scope);
        String why = failure(wrong.publish("t", text("x"), false, scope));
        assertTrue(why.contains("pin"), why);
        MqttLink none = MqttLink.once(BrokerUrl.parse(broker.tlsUrl(), ""), LOGIN, scope);
        String untrusted = failure(none.publish("t", text("x"), false, scope));
        assertTrue(untrusted.contains("SSLHandshakeException"), untrusted);
        await().until(() -> scope.sockets() == 0);
    }

    @Test
    void aCallersCancellationEndsTheWait() throws Exception {
        broker.kill();
        MqttLink link = link();
        TestScope caller = new TestScope();
        CompletionStage<Void> waiting = link.publish("t", text("x"), false, caller);
        caller.close();
        assertEquals("cancelled", failure(waiting));
        assertTrue(link.idle());
        assertTrue(
                failure(
                                MqttLink.once(BrokerUrl.parse(broker.url(), ""), LOGIN, scope)
                                        .publish("t", text("x"), false, scope))
                        .contains("refused"));
        broker.start();
    }

    @Test
    void nothingIsSentForACallerWhoIsCancelledAlready() throws Exception {
        MqttLink link = link();
        Notes notes = new Notes();
        link.subscribe("t", notes);
        notes.awaits("granted");
        TestScope caller = new TestScope();
        caller.close();
        CompletionStage<Void> late = link.publish("t", text("late"), false, caller);
        assertTrue(late.toCompletableFuture().isDone(), "it fails at once");
        assertEquals("cancelled", failure(late));
        join(link.publish("t", text("next"), false, scope));
        notes.awaits("granted", "next");
        assertEquals(0, caller.cancellations());
    }

    @Test
    void readsUrls() {
        assertEquals("mqtt://h:1883", BrokerUrl.parse("mqtt://H", "").endpoint().toString());
        assertEquals("mqtts://[::1]:8883", BrokerUrl.parse("mqtts://[::1]", "").toString());
        String pin = "ab".repeat(32);
        BrokerUrl pinned = BrokerUrl.parse("mqtts://h:1", pin.toUpperCase());
        assertEquals("mqtts://h:1?pin=" + pin, pinned.endpoint().toString());
        assertEquals(pinned, BrokerUrl.of(pinned.endpoint()));
        for (String bad : List.of("", "tcp://h:1", "mqtt://u:p@h", "mqtt://h:99999", "mqtt:h")) {
            assertThrows(IllegalArgumentException.class, () -> BrokerUrl.parse(bad, ""), bad);
        }
        assertThrows(IllegalArgumentException.class, () -> BrokerUrl.parse("mqtts://h", "ab"));
        assertThrows(IllegalArgumentException.class, () -> BrokerUrl.parse("mqtt://h", pin));
    }
}
