// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real thing: multicast, miniupnpd, IPv4 and IPv6, in network namespaces of their own. */
@Timeout(60)
class MiniupnpdTest {
    private static final String MAPPED = "dport 7001 dnat ip to 192.168.77.2:7000";

    @TempDir Path folder;
    private RealRouter router;
    private BufferedWriter to;
    private BufferedReader from;

    @BeforeEach
    void start() throws Exception {
        Optional<String> missing = RealRouter.missing();
        if ("required".equals(System.getenv("KARST_NATLAB"))) { // CI, when it is root
            assertEquals(Optional.empty(), missing);
        }
        missing.ifPresent(why -> System.out.println("MiniupnpdTest is skipped: " + why));
        Assumptions.assumeTrue(missing.isEmpty(), missing.orElse(""));
        router = RealRouter.start(folder);
        Process drive = router.drive();
        to = drive.outputWriter();
        from = drive.inputReader();
    }

    @AfterEach
    void stop() throws Exception {
        if (router != null) {
            router.close();
        }
    }

    private String say(String line) {
        try {
            to.write(line + "\n");
            to.flush();
            String answer = from.readLine();
            return String.valueOf(answer);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void says(String line, String expected) {
        String answer = say(line);
        assertTrue(answer.contains(expected) && !answer.contains("failed"), answer);
    }

    @Test
    void mapsAndFollowsARestart() throws Exception {
        says("probe v4 UDP", "/" + RealRouter.EXTERNAL);
        says("probe v4 UDP", "service=WANIPConnection:2");
        says("watch", "watching");
        says("acquire", "externalPort=7001");
        assertTrue(router.table().contains("7001->192.168.77.2:7000  'karst UDP 7000'"));
        says("renew", "externalPort=7001");
        restartIsHeard(); // it knows nothing any more, and is controlled at another port
        says("renew", "externalPort=7001");
        assertTrue(router.rules().contains(MAPPED), router.rules());
        says("release", "released");
        says("release", "released");
        assertFalse(router.rules().contains(MAPPED), router.rules());
    }

    @Test
    void opensPinholes() throws Exception {
        says("probe v6 TCP", "service=WANIPv6FirewallControl:1");
        says("acquire", "externalPort=7000");
        String rule = "0x20010db8007700000000000000000002"; // as nft shows it
        assertTrue(router.rules().contains(rule), router.rules());
        says("renew", "externalPort=7000");
        says("watch", "watching");
        says("release", "released");
        assertFalse(router.rules().contains(rule), router.rules());
        says("release", "released");
        restartIsHeard();
    }

    /** By its byebye or, where that was lost, by its return. */
    private void restartIsHeard() throws Exception {
        router.shutDown();
        router.boot();
        await().atMost(Duration.ofSeconds(30)).until(() -> !say("news").contains("news 0"));
    }
}
