// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.server.exec.ExecWorld.Ran;
import java.io.DataInputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ExecServerTest {
    @TempDir Path base;
    private ExecWorld world;

    @BeforeEach
    void build() throws Exception {
        world = new ExecWorld(base);
    }

    @AfterEach
    void tearDown() throws Exception {
        world.close();
        await().until(() -> ExecWorld.threads().isEmpty());
    }

    private SocketChannel connect() throws Exception {
        return SocketChannel.open(UnixDomainSocketAddress.of(world.server.socket()));
    }

    private static void send(SocketChannel channel, String line) throws Exception {
        channel.write(ByteBuffer.wrap((line + "\n").getBytes()));
    }

    @Test
    void printsWhatTheCommandPrints() {
        assertEquals(new Ran(0, "[a, b c]\n", ""), world.run("test:say a \"b c\""));
        assertEquals(new Ran(0, "[1]\n[2]\n", ""), world.run("test:say 1; test:say 2"));
    }

    @Test
    void pipesWork() {
        assertTrue(world.run("test:say through | tac").out().contains("[through]"));
    }

    @Test
    void scopesCanBeLeftOut() {
        assertEquals(new Ran(0, "[x]\n", ""), world.run("say x"));
    }

    @Test
    void failuresAreOneLineAndStatusOne() {
        world.command(
                "fail",
                (s, a) -> {
                    throw new IllegalStateException("no such peer: give its id\nat somewhere");
                });
        assertEquals(new Ran(1, "", "no such peer: give its id\n"), world.run("test:fail"));
        Ran unknown = world.run("test:nothing");
        assertEquals(1, unknown.status());
        assertEquals("Command not found: test:nothing\n", unknown.err());
        assertEquals(1, world.run("say \"unfinished").status());
    }

    @Test
    void errorStreamStaysApart() {
        world.command(
                "both",
                (s, a) -> {
                    System.out.print("to out");
                    System.err.print("to err");
                    return "result";
                });
        Ran ran = world.run("test:both");
        assertEquals(0, ran.status());
        assertEquals("to outresult\n", ran.out());
        assertEquals("to err", ran.err());
    }

    @Test
    void streamsWhileTheCommandRuns() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        world.command(
                "slow",
                (s, a) -> {
                    System.out.println("first");
                    ExecWorld.await(goOn);
                    System.out.println("second");
                    return null;
                });
        try (SocketChannel channel = connect()) {
            send(channel, "test:slow");
            List<String> seen = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            int status =
                    Frames.read(
                            new DataInputStream(Channels.newInputStream(channel)),
                            (error, bytes) -> {
                                text.append(new String(bytes));
                                if (text.toString().equals("first\n")) {
                                    seen.add("early");
                                    goOn.countDown();
                                }
                            });
            assertEquals(0, status);
            assertEquals(List.of("early"), seen);
            assertEquals("first\nsecond\n", text.toString());
        }
    }

    @Test
    void clientThatLeavesInterruptsItsCommand() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        AtomicInteger interrupted = new AtomicInteger();
        world.command(
                "hang",
                (s, a) -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.incrementAndGet();
                    }
                    return null;
                });
        try (SocketChannel one = connect();
                SocketChannel two = connect()) {
            send(one, "test:hang");
            send(two, "test:hang | test:say");
            ExecWorld.await(begun);
        }
        await().until(() -> interrupted.get() == 2);
    }

    @Test
    void ninthCommandIsRefused() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(ExecServer.MAX_COMMANDS);
        world.command(
                "wait",
                (s, a) -> {
                    begun.countDown();
                    release.await();
                    return null;
                });
        List<SocketChannel> open = new ArrayList<>();
        for (int i = 0; i < ExecServer.MAX_COMMANDS; i++) {
            open.add(connect());
            send(open.get(i), "test:wait");
        }
        ExecWorld.await(begun);
        Ran ninth = world.run("say x");
        assertTrue(ninth.err().contains("8 commands"), ninth.toString());
        assertEquals(1, ninth.status());
        release.countDown();
        await().until(() -> world.run("say x").status() == 0);
        for (SocketChannel c : open) {
            c.close();
        }
    }

    @Test
    void waitsForTheShell() throws Exception {
        world.server.unbindFactory(world.factory);
        var late = world.server;
        Thread t =
                new Thread(
                        () -> {
                            await().until(() -> ExecWorld.threads().contains("karst-exec-1"));
                            late.bindFactory(world.factory);
                        });
        t.start();
        assertEquals(new Ran(0, "[x]\n", ""), world.run("say x"));
        t.join();
    }

    @Test
    void stopRepliesThenStopsTheFramework() throws Exception {
        assertEquals(new Ran(0, "stopping\n", ""), world.run("stop"));
        ExecWorld.await(world.frameworkStopped);
    }

    /** The reply cannot be written to such a client; what it asked for is done all the same. */
    @Test
    void stopIsCarriedOutWhenNobodyReadsTheReply() throws Exception {
        try (SocketChannel channel = connect()) {
            channel.shutdownInput();
            send(channel, "stop");
            ExecWorld.await(world.frameworkStopped);
        }
    }

    @Test
    void deactivationEndsCommandsAndRemovesTheSocket() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        world.command(
                "hang",
                (s, a) -> {
                    begun.countDown();
                    new CountDownLatch(1).await();
                    return null;
                });
        try (SocketChannel channel = connect()) {
            send(channel, "test:hang");
            ExecWorld.await(begun);
            Path socket = world.server.socket();
            world.server.stop();
            assertEquals(List.of(), ExecWorld.threads());
            assertFalse(Files.exists(socket));
        }
        Ran after = ExecWorld.run(base.resolve("data/run/exec.sock"), "say x");
        assertEquals(2, after.status());
        assertTrue(after.err().startsWith("no Karst runs here"), after.err());
    }

    @Test
    void wrongLinesAreToldAndEndNothing() throws Exception {
        for (byte[] wrong :
                List.of(new byte[] {(byte) 0xff, '\n'}, new byte[Frames.MAX_LINE + 2])) {
            try (SocketChannel channel = connect()) {
                channel.write(ByteBuffer.wrap(wrong));
                StringBuilder err = new StringBuilder();
                int status =
                        Frames.read(
                                new DataInputStream(Channels.newInputStream(channel)),
                                (error, bytes) -> err.append(new String(bytes)));
                assertEquals(1, status);
                assertTrue(err.toString().contains("command line"), err.toString());
            }
        }
        assertEquals(0, world.run("say x").status());
    }

    @Test
    void noInputBreaksTheServer() throws Exception {
        long seed = 11;
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            try (SocketChannel channel = connect()) {
                channel.write(ByteBuffer.wrap(noise));
            }
        }
        await().atMost(10, TimeUnit.SECONDS).until(() -> world.run("say x").status() == 0);
    }
}
