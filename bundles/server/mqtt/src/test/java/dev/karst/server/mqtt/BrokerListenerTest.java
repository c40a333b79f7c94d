// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.mqtt.Topics;
import dev.karst.lib.mqtt.broker.BrokerLimits;
import dev.karst.lib.mqtt.client.BrokerUrl;
import dev.karst.lib.mqtt.client.MqttLink;
import dev.karst.lib.mqtt.client.MqttLogin;
import dev.karst.lib.mqtt.testing.Mosquitto;
import dev.karst.lib.mqtt.testing.TestScope;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker on real sockets, with mosquitto's clients and with ours. */
class BrokerListenerTest {
    private final TestScope scope = new TestScope();
    private final List<BrokerListener> open = new ArrayList<>();
    @TempDir Path directory;

    @AfterEach
    void stop() {
        scope.close();
        open.forEach(BrokerListener::close);
    }

    private BrokerListener broker(String listen, boolean wildcards, String keystore) {
        BrokerListener b =
                BrokerListener.open(
                        ServerConfig.of(
                                listen,
                                "u",
                                "p",
                                keystore,
                                keystore.isEmpty() ? "" : "changeit",
                                BrokerLimits.defaults(),
                                wildcards));
        open.add(b);
        return b;
    }

    private MqttLink link(BrokerListener broker, String pin) {
        return MqttLink.keep(BrokerUrl.parse(broker.url(), pin), MqttLogin.of("u", "p"), scope);
    }

    private static void join(CompletionStage<Void> stage) throws Exception {
        stage.toCompletableFuture().get(12, TimeUnit.SECONDS);
    }

    /** Runs a program of mosquitto-clients against the broker. */
    private static Process mosquitto(String program, BrokerListener broker, String... arguments)
            throws Exception {
        URI url = URI.create(broker.url());
        List<String> command = new ArrayList<>(List.of(program, "-h", url.getHost()));
        command.addAll(List.of("-p", "" + url.getPort(), "-u", "u"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String output(Process p) throws Exception {
        String output = new String(p.getInputStream().readAllBytes()).trim();
        return p.waitFor() + " " + output;
    }

    @Test
    void servesMosquittosClients() throws Exception {
        Assumptions.assumeTrue(Mosquitto.missing().isEmpty(), Mosquitto.missing());
        BrokerListener broker = broker("127.0.0.1:0", true, "");
        Process sub =
                mosquitto(
                        "mosquitto_sub",
                        broker,
                        "-P",
                        "p",
                        "-t",
                        "karst/#",
                        "-q",
                        "1",
                        "-C",
                        "2",
                        "-W",
                        "8",
                        "-v");
        while (sub.isAlive()) { // it does not tell when it is subscribed
            for (String qos : List.of("0", "1")) {
                Process pub =
                        mosquitto(
                                "mosquitto_pub",
                                broker,
                                "-P",
                                "p",
                                "-t",
                                "karst/x",
                                "-m",
                                "hello",
                                "-q",
                                qos);
                assertEquals("0", output(pub).trim());
            }
        }
        assertEquals("0 karst/x hello\nkarst/x hello", output(sub));
        String wrong =
                output(mosquitto("mosquitto_pub", broker, "-P", "q", "-t", "karst/x", "-m", "one"));
        assertTrue(wrong.contains("bad user name or password"), wrong);
        String five =
                output(
                        mosquitto(
                                "mosquitto_pub",
                                broker,
                                "-P",
                                "p",
                                "-t",
                                "karst/x",
                                "-m",
                                "one",
                                "-V",
                                "mqttv5"));
        assertTrue(five.contains("Unsupported Protocol Version"), five);
    }

    @Test
    void retainsSignedRecordsOnly() throws Exception {
        Assumptions.assumeTrue(Mosquitto.missing().isEmpty(), Mosquitto.missing());
        BrokerListener broker = broker("127.0.0.1:0", false, "");
        SignedRecords peer = new SignedRecords();
        String topic = Topics.peer(peer.id);
        MqttLink link = link(broker, "");
        byte[] record = peer.record(2, 600);
        byte[] forged = record.clone();
        forged[record.length - 1] ^= 1;
        join(link.publish(topic, record, true, scope));
        join(link.publish(topic, forged, true, scope));
        join(link.publish(topic, peer.record(1, 600), true, scope));
        join(link.publish(topic, new byte[0], true, scope));
        assertEquals(
                "0",
                output(mosquitto("mosquitto_pub", broker, "-P", "p", "-t", topic, "-n", "-r"))
                        .trim());
        List<byte[]> found = new CopyOnWriteArrayList<>();
        link.subscribe(topic, (payload, retained) -> found.add(payload));
        await().until(() -> !found.isEmpty());
        assertEquals(1, found.size());
        assertArrayEquals(record, found.get(0));
        assertEquals(1, broker.counters().get("broker.refused.record"));
        assertEquals(1, broker.counters().get("broker.refused.older"));
        assertEquals(2, broker.counters().get("broker.refused.erase"));
        await().until(() -> broker.counters().get("broker.retained") == 1);
    }

    @Test
    void speaksTlsWithItsOwnCertificate() throws Exception {
        Path store = directory.resolve("broker.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                                "-genkeypair",
                                "-alias",
                                "broker",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=broker.test",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                "changeit")
                        .redirectErrorStream(true)
                        .start();
        assertTrue(output(keytool).startsWith("0 "));
        BrokerListener broker = broker("127.0.0.1:0", false, store.toString());
        assertTrue(broker.url().startsWith("mqtts://127.0.0.1:"));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        byte[] hash =
                MessageDigest.getInstance("SHA-256")
                        .digest(keys.getCertificate("broker").getEncoded());
        MqttLink link = link(broker, HexFormat.of().formatHex(hash));
        String topic = Topics.signal(new SignedRecords().id);
        List<byte[]> got = new CopyOnWriteArrayList<>();
        link.subscribe(topic, (payload, retained) -> got.add(payload));
        join(link.publish(topic, new byte[16 * 1024], false, scope));
        await().until(() -> got.size() == 1);
        Files.writeString(directory.resolve("bad.p12"), "no key store");
        String bad = directory.resolve("bad.p12").toString();
        String why =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> broker("127.0.0.1:0", false, bad))
                        .getMessage();
        assertTrue(why.startsWith("keystore"), why);
    }

    @Test
    void leavesNothingBehindAndComesBackOnItsPort() throws Exception {
        BrokerListener first = broker("127.0.0.1:0", false, "");
        String listen = first.url().substring("mqtt://".length());
        MqttLink link = link(first, "");
        join(link.publish("karst/x", new byte[1], false, scope));
        assertThrows(IllegalStateException.class, () -> broker(listen, false, ""));
        first.close();
        // The loop has ended; its thread needs a moment to be gone from the list.
        org.awaitility.Awaitility.await()
                .until(
                        () ->
                                Thread.getAllStackTraces().keySet().stream()
                                        .noneMatch(
                                                t -> t.getName().startsWith("karst-server-mqtt")));
        broker(listen, false, "");
        join(link.publish("karst/x", new byte[1], false, scope));
    }

    @Test
    void endsWhoeverSpeaksNoMqtt() throws Exception {
        BrokerListener broker = broker("127.0.0.1:0", false, "");
        URI url = URI.create(broker.url());
        try (Socket s = new Socket(url.getHost(), url.getPort())) {
            s.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
            assertEquals(-1, s.getInputStream().read());
        }
        assertEquals(1, broker.counters().get("broker.closed.protocol"));
    }

    @Test
    void namesTheWrongSetting() {
        assertTrue(wrong("nowhere", "u", "p").startsWith("listen"));
        assertTrue(wrong("h:70000", "u", "p").startsWith("listen"));
        assertTrue(wrong("127.0.0.1:0", "u", "").startsWith("user and .password"));
    }

    private static String wrong(String listen, String user, String password) {
        return assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                ServerConfig.of(
                                        listen,
                                        user,
                                        password,
                                        "",
                                        "",
                                        BrokerLimits.defaults(),
                                        false))
                .getMessage();
    }
}
