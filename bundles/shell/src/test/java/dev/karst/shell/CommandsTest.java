// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.ConnectReport;
import dev.karst.NodeEvent;
import dev.karst.PeerId;
import dev.karst.PeerState;
import dev.karst.shell.ShellWorld.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.console.CommandLine;
import org.apache.karaf.shell.support.completers.ArgumentCommandLine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CommandsTest {
    @TempDir Path dir;
    private final FakeNode node = new FakeNode(1);
    private final FakeNode other = new FakeNode(2);
    private final FakeAdmin admin = new FakeAdmin();
    private final FakeTunnels tunnels = new FakeTunnels();
    private final FakeUpgrades upgrades = new FakeUpgrades();
    private final PeerId peer = other.id();
    private ShellWorld shell;

    @BeforeEach
    void build() throws Exception {
        node.peers.add(new FakePeer(node, other));
        shell = new ShellWorld(node, admin, tunnels, upgrades);
    }

    @AfterEach
    void tearDown() {
        shell.close();
    }

    private String works(String line) {
        Ran ran = shell.run(line);
        assertNull(ran.failure(), line + ": " + ran);
        return ran.out();
    }

    private static void has(String out, String... parts) {
        for (String part : parts) {
            assertTrue(out.contains(part), "\"" + part + "\" expected in:\n" + out);
        }
    }

    @Test
    void allCommandsAreThereAndDescribed() {
        assertEquals(
                Set.of(
                        "connect",
                        "counters",
                        "disconnect",
                        "drain",
                        "expose",
                        "forward",
                        "introduce",
                        "node",
                        "peers",
                        "pipes",
                        "nat",
                        "ports",
                        "providers",
                        "receive",
                        "rollback",
                        "send",
                        "sessions",
                        "settings",
                        "swap-history",
                        "tunnels",
                        "undrain",
                        "unexpose",
                        "unforward",
                        "upgrade",
                        "watch",
                        "why"),
                shell.commands.keySet());
        shell.commands.forEach(
                (name, type) -> {
                    Command c = type.getAnnotation(Command.class);
                    assertEquals("karst", c.scope());
                    assertTrue(c.description().length() > 15, name);
                    has(works("karst:" + name + " --help"), c.description());
                });
    }

    @Test
    void showsTheNode() {
        String out = works("karst:node");
        has(out, node.id().toString(), "ready      yes", "tcp://192.0.2.1:4001");
        has(out, "mqtt://broker:1883", node.address().toString());
    }

    @Test
    void listsPeersSessionsAndPipes() {
        has(works("karst:peers"), peer.brief(), "CONNECTED", "direct", "23 ms");
        assertFalse(works("karst:peers").contains(peer.toString()));
        has(works("karst:peers -l"), peer.toString());
        String sessions = works("karst:sessions " + peer.brief());
        has(sessions, "198.51.100.7", "1.4 MiB", "2.0 KiB", "jca", "the only one");
        has(works("karst:pipes"), "tunnel/web", "2.9 MiB", "datagrams", "12");
        has(works("karst:peers | tac"), "CONNECTED");
    }

    @Test
    void connectShowsAttemptsThenThePath() {
        node.report =
                new ConnectReport(
                        peer,
                        FakeNode.NOON,
                        Duration.ofMillis(340),
                        List.of(
                                new ConnectReport.Attempt(
                                        "direct",
                                        Duration.ofMillis(5),
                                        Duration.ofMillis(335),
                                        ConnectReport.Outcome.WON,
                                        List.of("dialed \u001b[31mtcp"))),
                        "direct works",
                        "");
        String out = works("karst:connect " + peer);
        has(out, "direct  WON", "connected in 340 ms", "direct over tcp", "round trip 23 ms");
        has(works("karst:connect " + other.address()), "connected in");
        String why = works("karst:why " + peer.brief());
        has(why, "dialed  [31mtcp", "verdict  direct works");
        assertFalse(why.contains("\u001b"), "terminal codes of a peer must not pass");
        String json = works("karst:why --json " + peer.brief());
        has(json, "\"verdict\":\"direct works\"", "\"outcome\":\"WON\"", "\"tookMs\":335");
        has(json, "{\"peer\":\"" + peer + "\"", "\"evidence\":[\"dialed \\u001b[31mtcp\"]");
        assertFalse(json.contains("\u001b"), "terminal codes of a peer must not pass");
        assertEquals(1, json.lines().count());
    }

    @Test
    void failuresSayWhatToDo() {
        Ran ran = shell.run("karst:connect " + FakeNode.id(9));
        has(ran.failed(), "NOT_FOUND: nobody knows", "connect by its address");
        has(shell.run("karst:connect abcdef").failed(), "no session with a peer \"abcdef\"");
        has(shell.run("karst:connect karst1.garbage").failed(), "not a peer address");
        has(shell.run("karst:drain tcp").failed(), "kind/name#generation expected");
        has(shell.run("karst:drain \"tcp/x#1\"").failed(), "karst:providers");
        has(shell.run("karst:unexpose nothing").failed(), "karst:tunnels");
        has(
                shell.run("karst:forward tcp://127.0.0.1:1 " + peer + " web").failed(),
                "cannot listen");
        has(shell.run("karst:watch 0").failed(), "seconds is a number from 1 to 86400");
        has(shell.run("karst:send " + peer + " nowhere.txt").failed(), "is not a file");
        has(shell.run("karst:receive").failed(), "--from");
    }

    @Test
    void commandsStayWithoutACore() throws Exception {
        try (ShellWorld bare = new ShellWorld()) {
            has(bare.run("karst:node").failed(), "no node runs here");
            has(bare.run("karst:providers").failed(), "no node runs here");
            has(bare.run("karst:tunnels").failed(), "dev.karst.gateway.tunnel");
            has(bare.run("karst:upgrade a b").failed(), "karst:drain the old one");
        }
    }

    @Test
    void drainsAndTellsWhatRemains() {
        has(works("karst:providers -v"), "crypto/jca#3", "holds 2 epochs", "error late once");
        has(works("karst:drain \"crypto/jca#3\""), "can be stopped");
        Ran stuck = shell.run("karst:drain -t 1 \"transport/tcp#1\"");
        has(stuck.out(), "remains path to");
        has(stuck.failed(), "1 still hang on transport/tcp#1", "karst:undrain");
        works("karst:undrain \"transport/tcp#1\"");
        assertEquals(
                List.of(
                        "drain crypto/jca#3 PT30S",
                        "drain transport/tcp#1 PT1S",
                        "undrain transport/tcp#1"),
                admin.calls);
    }

    @Test
    void providersFitAndTellAllToScripts() {
        String out = works("karst:providers");
        has(out, "crypto/jca#3", "0.1.0", "7/8", "20 ms", "1 path");
        assertTrue(out.lines().allMatch(l -> l.length() <= 100), out);
        has(works("karst:providers --json"), "\"generation\":3", "\"failed\":1", "\"rttMs\":20.0");
    }

    @Test
    void upgradesShowTheirSteps() {
        String out = works("karst:upgrade --canary '25%' --watch 2m karst-transport-tcp good");
        has(out, "canary: 12 of 12 succeeded", "done");
        has(upgrades.calls.get(0), "share=0.25, watch=PT2M, drainLimit=PT30S");
        Ran bad = shell.run("karst:upgrade --json karst-transport-tcp bad");
        has(bad.failed(), "ROLLED_BACK: it is worse");
        has(bad.out(), "{\"result\":\"ROLLED_BACK\",\"why\":\"it is worse\",\"steps\":[\"one\"");
        has(works("karst:rollback 7"), "done");
        assertTrue(upgrades.calls.contains("rollback Optional[7]"));
        has(shell.run("karst:upgrade --canary 200 a b").failed(), "percent from 0 to 100");
        has(shell.run("karst:upgrade --watch soon a b").failed(), "a time up to a day");
        has(works("karst:swap-history"), "ROLLED_BACK", "7: 50 % of 12 succeeded");
        has(works("karst:swap-history --json"), "\"number\":7", "\"tookMs\":20000");
    }

    @Test
    void whatIsInterruptedIsTakenBack() throws Exception {
        CompletableFuture<Ran> ran = new CompletableFuture<>(); // the shell itself returns at once
        Thread t =
                new Thread(
                        () -> ran.complete(shell.run("karst:upgrade karst-transport-tcp stuck")));
        t.start();
        await().until(() -> !upgrades.calls.isEmpty());
        t.interrupt();
        await().until(() -> upgrades.calls.contains("abort"));
        ran.get(10, TimeUnit.SECONDS);
    }

    @Test
    void natIsToldForScriptsAndForPeople() {
        has(
                works("karst:nat"),
                "ipv4 mapping=endpoint-independent filtering=address-dependent"
                        + " allocation=preserved hairpin=none local=192.168.1.2:4000"
                        + " mapped=203.0.113.5:30001 p2pd=restrict/equal",
                "One mapping serves all peers.",
                "hints cgnat");
        assertFalse(works("karst:nat").contains("stun.example"));
        has(works("karst:nat -v"), "stun.example sees 203.0.113.5:30001");
        has(shell.run("karst:nat --again").failed(), "no STUN server answers");
        assertTrue(admin.calls.contains("detect"));
    }

    @Test
    void portsAreListedWithWhatIsWrong() {
        has(
                works("karst:ports"),
                "192.168.1.2:4001",
                "203.0.113.5:40001",
                "pcp",
                "1970-01-01T00:00:00Z",
                "yes",
                "udp 192.168.1.2:5000: pcp: the router refuses");
    }

    @Test
    void providersNeedNoQuotes() {
        has(works("karst:drain crypto/jca#3"), "can be stopped");
    }

    @Test
    void countersSettingsAndIntroductions() {
        has(works("karst:counters"), "tcp.oversized", "tunnel.failed", "12");
        assertFalse(works("karst:counters tunnel").contains("tcp.oversized"));
        has(works("karst:settings"), "suspendLimit", "10 min");
        works("karst:introduce " + other.address());
        assertEquals(List.of("introduce " + peer), admin.calls);
    }

    @Test
    void tunnelsComeAndGo() {
        has(works("karst:expose web tcp://127.0.0.1:8080 " + peer.brief()), "to 1 peer(s): open");
        has(works("karst:expose all tcp://127.0.0.1:8081 any"), "to anyone");
        assertEquals(Set.of(peer), tunnels.exposed.get(0).peers());
        has(shell.run("karst:expose x tcp://:1 any " + peer).failed(), "either ids or");
        has(works("karst:forward tcp://127.0.0.1:9000 " + peer + " web"), "9000 to web of");
        has(works("karst:tunnels"), "web", "any", "5.0 MiB", "300 B", "NOT_PERMITTED: no");
        works("karst:unexpose web");
        works("karst:unforward tcp://127.0.0.1:9000");
        assertEquals(1, tunnels.exposed.size());
        assertEquals(0, tunnels.forwarded.size());
    }

    @Test
    void watchesEvents() {
        CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> works("karst:watch 1"));
        await().until(() -> node.listener != null);
        node.listener.accept(new NodeEvent.PeerChanged(peer, PeerState.SUSPENDED, "path lost"));
        node.listener.accept(new NodeEvent.Trouble("no broker", "start it"));
        has(out.join(), "SUSPENDED: path lost", "TROUBLE no broker: start it");
        assertNull(node.listener);
    }

    @Test
    void sendsFilesAndNeverOverwrites() throws Exception {
        byte[] content = new byte[3_000_000];
        new Random(4).nextBytes(content);
        Path file = dir.resolve("my report.pdf");
        Files.write(file, content);
        Path into = Files.createDirectory(dir.resolve("in"));
        Files.writeString(into.resolve("my report.pdf"), "old");
        try (ShellWorld far = new ShellWorld(other)) {
            CompletableFuture<Ran> received =
                    CompletableFuture.supplyAsync(
                            () ->
                                    far.run(
                                            "karst:receive -d \""
                                                    + into
                                                    + "\" -n 2 -t 20 --from "
                                                    + node.id()));
            await().until(() -> !other.opened.isEmpty());
            assertFalse(other.opened.get(0).who().admits(FakeNode.id(7)));
            String sent = works("karst:send " + peer + " \"" + file + "\"");
            has(sent, "sent 2.9 MiB", "stored as my report-1.pdf");
            has(works("karst:send " + peer + " \"" + file + "\""), "my report-2.pdf");
            Ran ran = received.get(10, TimeUnit.SECONDS);
            assertNull(ran.failure(), ran.toString());
            has(ran.out(), "sends my report.pdf, 2.9 MiB", "received 2 file(s)");
        }
        assertEquals("old", Files.readString(into.resolve("my report.pdf")));
        org.junit.jupiter.api.Assertions.assertArrayEquals(
                content, Files.readAllBytes(into.resolve("my report-1.pdf")));
        try (var files = Files.list(into)) {
            assertEquals(3, files.count());
        }
        assertTrue(other.opened.isEmpty());
        has(shell.run("karst:send " + peer + " \"" + file + "\"").failed(), "NOT_PERMITTED");
    }

    @Test
    void completesPeersProvidersAndTunnels() {
        tunnels.exposeToAnyone("web", "tcp://127.0.0.1:1");
        assertEquals(List.of(peer.toString() + " "), complete(PeerCompleter.class, ""));
        assertEquals(List.of("crypto/jca#3 "), complete(ProviderCompleter.class, "cr"));
        assertEquals(List.of("web "), complete(ExposedCompleter.class, "w"));
        assertEquals(List.of("karst-transport-tcp "), complete(UpgradeCompleter.class, "ka"));
        assertEquals(List.of(), complete(ForwardedCompleter.class, ""));
    }

    private List<String> complete(
            Class<? extends org.apache.karaf.shell.api.console.Completer> type, String typed) {
        CommandLine line = new ArgumentCommandLine(typed, typed.length());
        List<String> candidates = new ArrayList<>();
        shell.factory.getRegistry().getService(type).complete(null, line, candidates);
        return candidates;
    }
}
