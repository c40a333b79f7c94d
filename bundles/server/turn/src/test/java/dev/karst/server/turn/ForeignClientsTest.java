// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** What others' clients say of us: coturn's, and Debian's stun, which speaks RFC 3489. */
class ForeignClientsTest {
    @TempDir Path dir;

    /** Its output; the test is skipped if the program is not there. */
    private String run(String debian, String program, String... args)
            throws IOException, InterruptedException {
        Path binary = Path.of("/usr/bin", program);
        if (!Files.isExecutable(binary)) {
            String why = binary + " is missing: install the Debian package " + debian;
            System.out.println(getClass().getSimpleName() + ": skipped: " + why);
            abort(why);
        }
        List<String> command = new ArrayList<>(List.of(binary.toString()));
        command.addAll(List.of(args));
        Path out = Files.createTempFile(dir, "out", "");
        Process p =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .start();
        boolean ended = p.waitFor(30, TimeUnit.SECONDS); // natdiscovery may wait for ever
        p.destroyForcibly().waitFor();
        String text = Files.readString(out, StandardCharsets.ISO_8859_1);
        if (!ended) {
            fail(command + " does not end:\n" + text);
        }
        return text;
    }

    private static TurnListener both() {
        return TurnListener.open(List.of("127.0.0.1", "127.0.0.2"), 0, 0);
    }

    @Test
    void coturnsStunClient() throws Exception {
        try (TurnListener server = both()) {
            String said =
                    run("coturn", "turnutils_stunclient", "-p", "" + server.port(), "127.0.0.1");
            assertTrue(said.contains("RFC 5780 response 3"), said);
            assertTrue(said.contains("UDP reflexive addr: 127.0.0.1:"), said);
            assertTrue(said.contains("Other addr: : 127.0.0.2:" + server.alternatePort()), said);
        }
    }

    @Test
    void coturnsNatDiscovery() throws Exception {
        try (TurnListener server = both()) {
            String said =
                    run(
                            "coturn",
                            "turnutils_natdiscovery",
                            "-m",
                            "-f",
                            "-P",
                            "-p",
                            "" + server.port(),
                            "127.0.0.1");
            assertTrue(said.contains("NAT with Endpoint Independent Mapping!"), said);
            assertTrue(said.contains("NAT with Endpoint Independent Filtering!"), said);
            assertTrue(said.contains("No ALG: Mapped == XOR-Mapped"), said);
        }
    }

    @Test
    void coturnsClientOfAServerWithOneAddress() throws Exception {
        try (TurnListener server = TurnListener.open(List.of("127.0.0.1"), 0, 0)) {
            String said =
                    run("coturn", "turnutils_stunclient", "-p", "" + server.port(), "127.0.0.1");
            assertTrue(said.contains("UDP reflexive addr: 127.0.0.1:"), said);
            assertFalse(said.contains("Other addr"), said);
        }
    }

    @Test
    void debiansClassicClient() throws Exception {
        try (TurnListener server = both()) {
            String said = run("stun-client", "stun", "127.0.0.1:" + server.port(), "-v");
            assertTrue(said.contains("Primary: Open"), said);
            assertTrue(said.contains("ChangedAddress = 127.0.0.2:"), said);
            assertEquals(null, server.counters().get("stun.answered"));
            assertTrue(server.counters().get("stun.answered.classic") >= 4);
        }
    }

    /** Two of its clients each time talk to each other through relayed addresses; all at once. */
    @Test
    void coturnsTurnClient() throws Exception {
        List<List<String>> ways =
                List.of(
                        List.of("-c"),
                        List.of(), // with pairs of ports
                        List.of("-c", "-t"),
                        List.of("-c", "-s"),
                        List.of("-T")); // TCP allocations
        ExecutorService threads = Executors.newCachedThreadPool();
        try (TurnListener server =
                TurnListener.open(List.of("127.0.0.1"), 0, -1, Map.of("users", "u:p"))) {
            List<Future<String>> all = new ArrayList<>();
            for (List<String> way : ways) {
                List<String> args = new ArrayList<>(List.of("-u", "u", "-w", "p", "-y", "-n", "5"));
                args.addAll(List.of("-m", "2", "-z", "5", "-p", "" + server.port()));
                args.addAll(way);
                args.add("127.0.0.1");
                String[] words = args.toArray(new String[0]);
                all.add(threads.submit(() -> run("coturn", "turnutils_uclient", words)));
            }
            for (int i = 0; i < all.size(); i++) {
                String said;
                try {
                    said = all.get(i).get();
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof TestAbortedException missing) {
                        throw missing;
                    }
                    throw e;
                }
                assertTrue(said.contains("Total lost packets 0 (0.000000%)"), ways.get(i) + said);
            }
            assertTrue(server.counters().get("turn.allocated") >= 10);
            assertTrue(server.counters().get("turn.tcp.joined") >= 2);
        } finally {
            threads.shutdownNow();
        }
    }
}
