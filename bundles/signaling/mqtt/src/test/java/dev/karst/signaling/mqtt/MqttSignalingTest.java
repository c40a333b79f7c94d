// SPDX-License-Identifier: Apache-2.0
package dev.karst.signaling.mqtt;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.lib.mqtt.Topics;
import dev.karst.lib.mqtt.client.BrokerUrl;
import dev.karst.lib.mqtt.client.MqttLink;
import dev.karst.lib.mqtt.client.MqttLogin;
import dev.karst.lib.mqtt.testing.Mosquitto;
import dev.karst.lib.mqtt.testing.TestScope;
import dev.karst.spi.signaling.SignalSink;
import dev.karst.spi.signaling.SignalingBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
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

/** Two nodes over real mosquittos: one that wants a password, one that takes everyone. */
class MqttSignalingTest {
    private static final PeerId ALICE = peer(1);
    private static final PeerId BOB = peer(2);

    private final TestScope aliceScope = new TestScope();
    private final TestScope bobScope = new TestScope();
    private Mosquitto guarded;
    private Mosquitto open;

    /** Notes what the core would be told. */
    static final class Sink implements SignalSink {
        final List<byte[]> signals = new CopyOnWriteArrayList<>();
        final List<String> reachable = new CopyOnWriteArrayList<>();

        @Override
        public void signal(byte[] sealed) {
            signals.add(sealed);
        }

        @Override
        public void reachableAt(List<Endpoint> endpoints) {
            reachable.add(endpoints.toString());
        }

        void awaitsSignal(int index, byte[] expected) {
            await().until(() -> signals.size() > index);
            assertTrue(Arrays.equals(expected, signals.get(index)));
        }

        void awaitsReachable(String... expected) {
            await().untilAsserted(() -> assertEquals(List.of(expected), reachable));
        }
    }

    static PeerId peer(int n) {
        byte[] key = new byte[PeerId.SIZE];
        Arrays.fill(key, (byte) n);
        return PeerId.of(key);
    }

    private static byte[] bytes(int length) {
        byte[] b = new byte[length];
        Arrays.fill(b, (byte) 0xa5);
        return b;
    }

    @BeforeEach
    void start() throws Exception {
        String missing = Mosquitto.missing();
        Assumptions.assumeTrue(missing.isEmpty(), missing);
        guarded = Mosquitto.guarded();
        open = Mosquitto.open();
    }

    @AfterEach
    void stop() throws Exception {
        aliceScope.close();
        bobScope.close();
        if (guarded != null) {
            guarded.close();
            open.close();
        }
    }

    private SignalingBackend guardedBackend() {
        return MqttSignaling.backend(guarded.url(), Mosquitto.USER, Mosquitto.PASSWORD, "", true);
    }

    private static void join(CompletionStage<Void> stage) throws Exception {
        stage.toCompletableFuture().get(12, TimeUnit.SECONDS);
    }

    private static String failure(CompletionStage<Void> stage) {
        Throwable cause = assertThrows(ExecutionException.class, () -> join(stage)).getCause();
        assertInstanceOf(IOException.class, cause);
        return cause.getMessage();
    }

    @Test
    void carriesSignalsBothWaysOverTwoBrokers() throws Exception {
        SignalingBackend alice = guardedBackend();
        SignalingBackend bob = MqttSignaling.backend(open.tlsUrl(), "", "", open.pin(), true);
        Sink toAlice = new Sink();
        Sink toBob = new Sink();
        alice.receive(ALICE, toAlice, aliceScope);
        bob.receive(BOB, toBob, bobScope);
        toAlice.awaitsReachable("[" + guarded.url() + "]");
        String bobAt = open.tlsUrl() + "?pin=" + open.pin();
        toBob.awaitsReachable("[" + bobAt + "]");

        // Alice connects to Bob's broker on demand; twice over one connection
        join(alice.send(BOB, Endpoint.parse(bobAt), bytes(1), aliceScope));
        join(alice.send(BOB, Endpoint.parse(bobAt), bytes(16 * 1024), aliceScope));
        toBob.awaitsSignal(0, bytes(1));
        toBob.awaitsSignal(1, bytes(16 * 1024));
        assertEquals(2, aliceScope.sockets());

        // her own broker she uses with her login; Bob has none there
        join(alice.send(ALICE, Endpoint.parse(guarded.url()), bytes(2), aliceScope));
        toAlice.awaitsSignal(0, bytes(2));
        assertEquals(2, aliceScope.sockets());
        String refused =
                failure(bob.send(ALICE, Endpoint.parse(guarded.url()), bytes(3), bobScope));
        assertTrue(refused.contains("user name or password"), refused);
    }

    @Test
    void sendsWithoutReceiving() throws Exception {
        Sink toAlice = new Sink();
        guardedBackend().receive(ALICE, toAlice, aliceScope);
        toAlice.awaitsReachable("[" + guarded.url() + "]");
        join(guardedBackend().send(ALICE, Endpoint.parse(guarded.url()), bytes(5), bobScope));
        toAlice.awaitsSignal(0, bytes(5));
        await().until(() -> bobScope.sockets() == 0);
    }

    @Test
    void saysWhenItIsNotReachable() throws Exception {
        SignalingBackend alice = guardedBackend();
        Sink toAlice = new Sink();
        Subscription reception = alice.receive(ALICE, toAlice, aliceScope);
        String here = "[" + guarded.url() + "]";
        toAlice.awaitsReachable(here);
        guarded.kill();
        toAlice.awaitsReachable(here, "[]");
        guarded.start();
        toAlice.awaitsReachable(here, "[]", here);
        join(alice.send(ALICE, Endpoint.parse(guarded.url()), bytes(7), aliceScope));
        toAlice.awaitsSignal(0, bytes(7));
        reception.close();
        reception.close();
        await().until(() -> aliceScope.sockets() == 0);
        assertEquals(0, aliceScope.cancellations());
        toAlice.awaitsReachable(here, "[]", here);
    }

    @Test
    void dropsWhatIsNoSignal() throws Exception {
        SignalingBackend alice = MqttSignaling.backend(open.url(), "", "", "", true);
        MqttLink raw = MqttLink.keep(BrokerUrl.parse(open.url(), ""), MqttLogin.NONE, bobScope);
        String topic = Topics.signal(ALICE);
        join(raw.publish(topic, bytes(10), true, bobScope)); // kept by the broker
        Sink toAlice = new Sink();
        alice.receive(ALICE, toAlice, aliceScope);
        toAlice.awaitsReachable("[" + open.url() + "]");
        join(raw.publish(topic, bytes(16 * 1024 + 1), false, bobScope));
        join(raw.publish(topic, new byte[0], false, bobScope));
        join(raw.publish(topic, bytes(11), false, bobScope));
        toAlice.awaitsSignal(0, bytes(11));
        assertEquals(1, toAlice.signals.size());
        assertEquals(1, aliceScope.counted("signaling.mqtt.stale"));
        assertEquals(2, aliceScope.counted("signaling.mqtt.bad-length"));
    }

    @Test
    void refusesWhatItCannotSend() {
        SignalingBackend backend = guardedBackend();
        Endpoint own = Endpoint.parse(guarded.url());
        assertTrue(failure(backend.send(BOB, own, bytes(16 * 1024 + 1), bobScope)).contains("16"));
        assertTrue(failure(backend.send(BOB, own, bytes(0), bobScope)).contains("got 0"));
        Endpoint tcp = Endpoint.parse("tcp://h:1");
        assertTrue(failure(backend.send(BOB, tcp, bytes(1), bobScope)).contains("mqtt://"));
        assertFalse(backend.reaches(tcp));
        Endpoint other = Endpoint.parse(open.url());
        assertTrue(backend.reaches(other));
        SignalingBackend homely = MqttSignaling.backend(guarded.url(), "", "", "", false);
        assertFalse(homely.reaches(other));
        assertTrue(homely.reaches(own));
        assertTrue(failure(homely.send(BOB, other, bytes(1), bobScope)).contains("switched off"));
        assertEquals(0, bobScope.sockets());
    }

    @Test
    void keepsFewLinksToBrokersOfOthers() throws Exception {
        ForeignLinks links = new ForeignLinks(aliceScope);
        List<ServerSocket> silent = new ArrayList<>();
        for (int i = 0; i <= ForeignLinks.MAX; i++) {
            silent.add(new ServerSocket(0, 5, InetAddress.getLoopbackAddress()));
        }
        List<MqttLink> made = new ArrayList<>();
        for (ServerSocket s : silent.subList(0, ForeignLinks.MAX)) {
            made.add(links.link(broker(s)));
        }
        assertSame(made.get(1), links.link(broker(silent.get(1))));
        made.get(0).publish("t", bytes(1), false, bobScope);
        ServerSocket last = silent.get(ForeignLinks.MAX);
        made.add(links.link(broker(last)));
        assertEquals(
                List.of(false, false, true, false, false),
                made.stream().map(MqttLink::closed).toList(),
                "the idle one that was unused for longest makes room");
        made.forEach(link -> link.publish("t", bytes(1), false, bobScope));
        assertNull(links.link(broker(silent.get(2))), "all are busy");
        assertEquals(ForeignLinks.MAX, links.size());
        links.close();
        assertNull(links.link(broker(last)), "closed");
        await().until(() -> aliceScope.sockets() == 0);
        for (ServerSocket s : silent) {
            s.close();
        }
    }

    private static BrokerUrl broker(ServerSocket s) {
        return BrokerUrl.parse("mqtt://127.0.0.1:" + s.getLocalPort(), "");
    }
}
