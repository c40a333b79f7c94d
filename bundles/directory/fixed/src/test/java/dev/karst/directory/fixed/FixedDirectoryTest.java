// SPDX-License-Identifier: Apache-2.0
package dev.karst.directory.fixed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.KeyCertificate;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.spi.directory.PeerDirectory.Listing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;

class FixedDirectoryTest {
    private static PeerAddress address(int n, int port) {
        byte[] key = new byte[PeerId.SIZE];
        Arrays.fill(key, (byte) n);
        KeyCertificate certificate = new KeyCertificate(new byte[32], 1, new byte[64]);
        return new PeerAddress(
                PeerId.of(key),
                certificate,
                certificate,
                List.of(Endpoint.of("mqtt", "broker", 1883)),
                List.of(Endpoint.of("tcp", "192.0.2.1", port)));
    }

    private static List<Listing> lookup(FixedDirectory directory, PeerAddress peer) {
        return directory.lookup(peer.id(), null).toCompletableFuture().join();
    }

    @Test
    void findsWhatIsWrittenDown() {
        PeerAddress gate = address(1, 1);
        PeerAddress otherGate = address(1, 2);
        PeerAddress office = address(2, 1);
        FixedDirectory directory =
                new FixedDirectory(
                        new String[] {"gate = " + gate + ", ," + office, "g2=" + otherGate});
        assertEquals(List.of(Listing.of(gate), Listing.of(otherGate)), lookup(directory, gate));
        assertEquals(List.of(Listing.of(office)), lookup(directory, office));
        assertEquals(List.of(), lookup(directory, address(3, 1)));
    }

    @Test
    void publishesNothingAtOnce() {
        assertTrue(
                new FixedDirectory(new String[0])
                        .publish(address(1, 1).id(), new byte[1], bytes -> {}, null)
                        .toCompletableFuture()
                        .isDone());
    }

    @Test
    void skipsBadEntriesAndSaysWhich() {
        Logger logger = Logger.getLogger(FixedDirectory.class.getName());
        List<String> lines = new ArrayList<>();
        Handler handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord entry) {
                        lines.add(new SimpleFormatter().formatMessage(entry));
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        logger.addHandler(handler);
        try {
            PeerAddress good = address(1, 1);
            String cut = good.toString().substring(0, 100);
            FixedDirectory directory =
                    new FixedDirectory(new String[] {"karst2.x", "gate=" + cut, "a=" + good});
            assertEquals(List.of(Listing.of(good)), lookup(directory, good));
        } finally {
            logger.removeHandler(handler);
        }
        assertEquals(2, lines.size());
        assertTrue(lines.get(0).contains("entry 0 of peers (without a name)"), lines.get(0));
        assertTrue(lines.get(1).contains("entry 1 of peers (gate)"), lines.get(1));
        assertTrue(lines.get(1).contains("cut off"), lines.get(1));
    }
}
