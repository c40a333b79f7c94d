// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.lib.stun.StunMessage;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A session with Debian's aioice (python3-aioice), which is someone else's ICE, over real UDP. */
@Timeout(60)
class AioiceTest {
    private static final String PYTHON = "/usr/bin/python3"; // the one that Debian's packages serve

    private static boolean installed() throws Exception {
        if (!new File(PYTHON).canExecute()) {
            return false;
        }
        Process p =
                new ProcessBuilder(PYTHON, "-c", "import aioice")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        return p.waitFor(20, TimeUnit.SECONDS) && p.exitValue() == 0;
    }

    /** Our side: an agent on a socket of the loopback interface. */
    private static final class Ours implements IceSink, AutoCloseable {
        final DatagramChannel channel = DatagramChannel.open();
        final Selector selector = Selector.open();
        final List<String> counts = new ArrayList<>();
        final List<IcePath> nominated = new ArrayList<>();
        final List<String> data = new ArrayList<>();
        IceAgent agent;

        Ours() throws IOException {
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            channel.configureBlocking(false);
            channel.register(selector, 1);
        }

        InetSocketAddress local() throws IOException {
            return (InetSocketAddress) channel.getLocalAddress();
        }

        @Override
        public void send(int socket, InetSocketAddress to, byte[] stun) {
            try {
                channel.send(ByteBuffer.wrap(stun), to);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void nominated(IcePath path) {
            nominated.add(path);
        }

        @Override
        public void failed() {
            throw new AssertionError("failed: " + agent.pairs());
        }

        @Override
        public void count(String what) {
            counts.add(what);
        }

        /** Turns sockets and timers once. */
        void turn() throws IOException {
            long wait = Math.min(20_000_000, agent.wakeAt() - System.nanoTime());
            selector.select(Math.max(1, wait / 1_000_000));
            selector.selectedKeys().clear();
            ByteBuffer in = ByteBuffer.allocate(2_000);
            InetSocketAddress from;
            while ((from = (InetSocketAddress) channel.receive(in.clear())) != null) {
                if (StunMessage.looksLikeStun(in.flip())) {
                    agent.receive(System.nanoTime(), 0, from, in);
                } else {
                    data.add(StandardCharsets.US_ASCII.decode(in).toString());
                }
            }
            agent.wake(System.nanoTime());
        }

        @Override
        public void close() throws IOException {
            selector.close();
            channel.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, true", "true, true", "false, false"})
    void connectsAndTalks(boolean weControl, boolean theyControl, @TempDir Path dir)
            throws Exception {
        if (!installed()) {
            System.out.println("skipped: no ICE to talk to, install python3-aioice");
        }
        assumeTrue(installed(), "install python3-aioice");
        Path script = dir.resolve("aioice_peer.py");
        try (var in = AioiceTest.class.getResourceAsStream("/aioice_peer.py")) {
            Files.copy(in, script);
        }
        Process p =
                new ProcessBuilder(
                                PYTHON,
                                script.toString(),
                                theyControl ? "controlling" : "controlled")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (Ours ours = new Ours();
                BufferedReader out = p.inputReader();
                PrintStream to = new PrintStream(p.getOutputStream(), true)) {
            session(ours, weControl, out, to);
            assertTrue(p.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, p.exitValue());
        } finally {
            p.destroyForcibly();
        }
    }

    private static void session(Ours ours, boolean weControl, BufferedReader out, PrintStream to)
            throws IOException {
        IceCredentials own = new IceCredentials("kar5", "anypasswordof22letters");
        List<IceCandidate> theirs = new ArrayList<>();
        IceCredentials other = null;
        for (String line; !"READY".equals(line = out.readLine()); ) {
            String[] w = line.split(" ");
            if (w[0].equals("CREDENTIALS")) {
                other = new IceCredentials(w[1], w[2]);
            } else {
                theirs.add(candidate(w));
            }
        }
        assertEquals(1, theirs.size());
        to.println("CREDENTIALS " + own.ufrag() + " " + own.password());
        IceCandidate c = IceCandidate.of(CandidateType.HOST, ours.local(), 65_535);
        to.println(
                "CANDIDATE 1 1 udp "
                        + c.priority()
                        + " 127.0.0.1 "
                        + c.address().getPort()
                        + " typ host");
        IceSettings settings =
                IceSettings.STANDARD.consent(Duration.ofMillis(100), Duration.ofSeconds(10));
        ours.agent =
                new IceAgent(
                        settings,
                        weControl,
                        own,
                        other,
                        new SecureRandom(),
                        ours,
                        System.nanoTime());
        ours.agent.addLocal(0, CandidateType.HOST, ours.local(), 65_535);
        theirs.forEach(ours.agent::addRemote);
        to.println("GO");
        String connected = null;
        while (connected == null || ours.nominated.isEmpty()) {
            ours.turn();
            if (connected == null && out.ready()) {
                connected = out.readLine();
            }
        }
        InetSocketAddress peer = ours.nominated.get(0).remote();
        assertEquals("CONNECTED " + peer.getPort() + " " + ours.local().getPort(), connected);
        for (int i = 0; i < 10; i++) {
            ours.channel.send(StandardCharsets.US_ASCII.encode("datagram " + i), peer);
            while (ours.data.size() <= i) {
                ours.turn();
            }
            assertEquals("echo datagram " + i, ours.data.get(i));
        }
        int before = ours.agent.pairs().get(0).sent();
        while (ours.agent.pairs().get(0).sent() < before + 5) {
            ours.turn(); // consent, at ten times the pace
        }
        ours.channel.send(StandardCharsets.US_ASCII.encode("bye"), peer);
        assertEquals("BYE", out.readLine());
        if (weControl != ours.agent.controlling()) {
            assertTrue(ours.counts.contains("ice.role-conflict"));
        }
    }

    /** {@code CANDIDATE foundation component udp priority address port typ type}. */
    private static IceCandidate candidate(String[] w) throws IOException {
        assertEquals("host", w[8]);
        return new IceCandidate(
                CandidateType.HOST,
                new InetSocketAddress(InetAddress.getByName(w[5]), Integer.parseInt(w[6])),
                Long.parseLong(w[4]),
                w[1]);
    }
}
