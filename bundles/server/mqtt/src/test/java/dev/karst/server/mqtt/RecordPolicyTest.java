// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.mqtt.Topics;
import dev.karst.lib.mqtt.broker.BrokerPolicy.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordPolicyTest {
    private final List<String> counted = new ArrayList<>();
    private final RecordPolicy policy = new RecordPolicy("u", "p", false, 2, counted::add);
    private final SignedRecords peer = new SignedRecords();
    private final String topic = Topics.peer(peer.id);

    private String publish(String topic, byte[] payload, boolean retain, byte[] retained) {
        return policy.publish(topic, payload, retain, Optional.ofNullable(retained)).refusal();
    }

    @Test
    void takesRecordsInOrderOnly() {
        byte[] first = peer.record(5, 600);
        Decision decision = policy.publish(topic, first, true, Optional.empty());
        assertEquals("", decision.refusal());
        assertEquals(Duration.ofMinutes(10), decision.lifetime());
        assertEquals("", publish(topic, first, true, first), "the same again");
        assertEquals("", publish(topic, peer.record(6, 600), true, first));
        assertEquals("older than number 6", publish(topic, first, true, peer.record(6, 600)));
        assertEquals("older than number 6", publish(topic, first, true, null), "expired or not");
        assertEquals(
                "another record has number 6",
                publish(topic, peer.record(6, 601), true, peer.record(6, 600)));
        assertEquals(
                List.of("broker.refused.older", "broker.refused.older", "broker.refused.older"),
                counted);
    }

    @Test
    void takesNoRecordThatIsNotThePeersOwn() {
        byte[] record = peer.record(1, 600);
        byte[] forged = record.clone();
        forged[40] ^= 1;
        assertEquals("record is not signed by its peer", publish(topic, forged, true, null));
        assertEquals("not a record", publish(topic, new byte[500], true, null));
        assertEquals("record is cut off", publish(topic, new byte[] {'K', 'R', 1}, true, null));
        String other = Topics.peer(new SignedRecords().id);
        assertEquals("the record of another peer", publish(other, record, true, null));
        assertEquals("a record must be retained", publish(topic, record, false, null));
        assertEquals(
                "records are not erased, they expire", publish(topic, new byte[0], true, null));
        for (String odd : List.of(Topics.PEER + "x", topic + "/x", topic.toUpperCase())) {
            assertFalse(publish(odd, record, true, null).isEmpty(), odd);
        }
        assertEquals("", publish(topic, record, true, null));
    }

    @Test
    void survivesChangedRecords() {
        long seed = 4;
        Random random = new Random(seed);
        byte[] good = peer.record(1, 600);
        for (int i = 0; i < 1000; i++) {
            byte[] bad = random.nextInt(4) == 0 ? new byte[random.nextInt(300)] : good.clone();
            if (bad.length > 0) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 + random.nextInt(255));
            }
            assertFalse(publish(topic, bad, true, null).isEmpty(), "seed " + seed + " step " + i);
        }
    }

    @Test
    void letsSignalsAndKarstsOwnThrough() {
        String signal = Topics.signal(peer.id);
        assertEquals("", publish(signal, new byte[16 * 1024], false, null));
        assertFalse(publish(signal, new byte[16 * 1024 + 1], false, null).isEmpty());
        assertFalse(publish(signal, new byte[0], false, null).isEmpty());
        assertFalse(publish(signal, new byte[1], true, null).isEmpty());
        assertFalse(publish(Topics.SIGNAL + "x", new byte[1], false, null).isEmpty());
        assertEquals("", publish("karst/2/anything", new byte[1], false, null));
        assertFalse(publish("karst/2/anything", new byte[1], true, null).isEmpty());
        assertFalse(publish("home/lamp", new byte[1], false, null).isEmpty());
    }

    @Test
    void knowsWhoMayComeAndSee() {
        assertTrue(policy.login(Optional.of("u"), Optional.of(new byte[] {'p'})));
        assertFalse(policy.login(Optional.of("u"), Optional.of(new byte[] {'q'})));
        assertFalse(policy.login(Optional.of("u"), Optional.empty()));
        assertFalse(policy.login(Optional.empty(), Optional.empty()));
        RecordPolicy open = new RecordPolicy("", "", true, 2, counted::add);
        assertTrue(open.login(Optional.empty(), Optional.empty()));
        assertTrue(open.subscribe("#"));
        assertTrue(policy.subscribe(topic));
        assertFalse(policy.subscribe("karst/1/signal/+"));
        assertFalse(policy.subscribe("home/lamp"));
    }
}
