// SPDX-License-Identifier: Apache-2.0
package dev.karst.directory.mqtt;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.PeerId;
import dev.karst.lib.mqtt.Topics;
import dev.karst.lib.mqtt.client.BrokerUrl;
import dev.karst.lib.mqtt.client.MqttLink;
import dev.karst.lib.mqtt.client.MqttLogin;
import dev.karst.lib.mqtt.testing.Mosquitto;
import dev.karst.lib.mqtt.testing.TestScope;
import dev.karst.spi.directory.PeerDirectory;
import dev.karst.spi.directory.PeerDirectory.Listing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records on a real mosquitto. */
class MqttDirectoryTest {
    private static final PeerId ALICE = peer(1);
    private static final PeerId BOB = peer(2);

    private final TestScope scope = new TestScope();
    private final TestScope other = new TestScope();
    private final List<String> foreign = new CopyOnWriteArrayList<>();
    private Mosquitto broker;
    private PeerDirectory directory;

    private static PeerId peer(int n) {
        byte[] key = new byte[PeerId.SIZE];
        Arrays.fill(key, (byte) n);
        return PeerId.of(key);
    }

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue(Mosquitto.missing().isEmpty(), Mosquitto.missing());
        broker = Mosquitto.guarded();
        directory =
                MqttDirectory.directory(
                        broker.tlsUrl(), Mosquitto.USER, Mosquitto.PASSWORD, broker.pin());
    }

    @AfterEach
    void stop() throws Exception {
        scope.close();
        other.close();
        if (broker != null) {
            broker.close();
        }
    }

    private static byte[] text(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T join(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(15, TimeUnit.SECONDS);
    }

    private static String failure(CompletionStage<?> stage) {
        Throwable cause = assertThrows(ExecutionException.class, () -> join(stage)).getCause();
        assertInstanceOf(IOException.class, cause);
        return cause.getMessage();
    }

    private void publish(String record, TestScope in) throws Exception {
        join(
                directory.publish(
                        ALICE,
                        text(record),
                        bytes -> foreign.add(bytes.map(String::new).orElse("erased")),
                        in));
    }

    /** Somebody else with the same login. */
    private MqttLink stranger() {
        return MqttLink.keep(
                BrokerUrl.parse(broker.url(), ""),
                MqttLogin.of(Mosquitto.USER, Mosquitto.PASSWORD),
                other);
    }

    private String found(PeerId peer) throws Exception {
        List<Listing> listings = join(directory.lookup(peer, scope));
        return listings.isEmpty() ? "" : new String(listings.get(0).record().orElseThrow());
    }

    @Test
    void findsWhatIsPublishedAndLeavesNothing() throws Exception {
        assertEquals("", found(ALICE));
        await().until(() -> scope.sockets() == 0);
        publish("record 1", scope);
        assertEquals("record 1", found(ALICE));
        assertEquals("", found(BOB));
        assertEquals(1, scope.sockets(), "one link serves all");
        TestScope successor = new TestScope();
        publish("record 2", successor);
        assertEquals("record 2", found(ALICE));
        await().until(() -> scope.sockets() == 0);
        assertEquals(0, scope.cancellations());
        successor.close();
        assertEquals("record 2", found(ALICE), "the broker has it, the node is gone");
        await().until(() -> scope.sockets() == 0);
        await().until(() -> scope.timers() == 0);
        assertEquals(List.of(), foreign, "its own former record is nothing foreign");
    }

    @Test
    void reportsForeignRecordsAndErasure() throws Exception {
        publish("mine", scope);
        MqttLink stranger = stranger();
        String topic = Topics.peer(ALICE);
        await().until(() -> broker.log().contains("Sending SUBACK to k"));
        join(stranger.publish(topic, text("mine"), true, other));
        join(stranger.publish(topic, text("theirs"), true, other));
        await().untilAsserted(() -> assertEquals(List.of("theirs"), foreign));
        for (int i = 0; i < 20; i++) {
            join(stranger.publish(topic, text("flood " + i), true, other));
        }
        join(stranger.publish(topic, new byte[0], true, other));
        await().untilAsserted(() -> assertEquals(List.of("theirs", "erased"), foreign));
        assertEquals(0, scope.counted("directory.mqtt.republished"), "that is for the core to do");
        publish("mine again", scope);
        assertEquals("mine again", found(ALICE));
    }

    @Test
    void publishesAgainWhereTheBrokerForgot() throws Exception {
        publish("mine", scope);
        broker.kill();
        broker.start();
        await().until(() -> scope.counted("directory.mqtt.republished") == 1);
        await().untilAsserted(() -> assertEquals("mine", found(ALICE)));
        assertEquals(List.of(), foreign);
    }

    @Test
    void seesWhatHappenedWhileItWasAway() throws Exception {
        publish("mine", scope);
        scope.offline(true);
        broker.kill();
        broker.start();
        MqttLink stranger = stranger();
        join(stranger.publish(Topics.peer(ALICE), text("theirs"), true, other));
        assertEquals(List.of(), foreign);
        scope.offline(false);
        await().untilAsserted(() -> assertEquals(List.of("theirs"), foreign));
        assertEquals(0, scope.counted("directory.mqtt.republished"));
    }

    @Test
    void saysWhyItFails() throws Exception {
        assertTrue(
                failure(directory.publish(ALICE, new byte[16385], b -> {}, scope))
                        .contains("16384"));
        PeerDirectory wrong =
                MqttDirectory.directory(broker.url(), Mosquitto.USER, "sandstone", "");
        String refused = failure(wrong.lookup(ALICE, scope));
        assertTrue(refused.contains("user name or password"), refused);
        TestScope caller = new TestScope();
        broker.freeze();
        CompletionStage<List<Listing>> hanging = directory.lookup(ALICE, caller);
        caller.close();
        failure(hanging);
        broker.thaw();
        await().until(() -> caller.sockets() == 0 && scope.sockets() == 0);
    }
}
