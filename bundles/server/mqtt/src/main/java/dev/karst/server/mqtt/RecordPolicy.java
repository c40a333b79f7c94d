// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import dev.karst.PeerId;
import dev.karst.lib.mqtt.Topics;
import dev.karst.lib.mqtt.broker.BrokerPolicy;
import dev.karst.lib.record.PeerRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What this broker lets through: signals to a peer, records that their peers signed, and whatever
 * else lies below {@code karst/} as long as it is not retained. On the broker's thread.
 */
public final class RecordPolicy implements BrokerPolicy {
    /** Longest signal, in bytes. */
    static final int MAX_SIGNAL = 16 * 1024;

    /** What checking three signatures costs, in packets of the client's rate. */
    private static final int VERIFYING = 10;

    private final byte[] user;
    private final byte[] password;
    private final boolean wildcards;
    private final Consumer<String> counter;
    private final Map<PeerId, Long> numbers;

    /**
     * A policy.
     *
     * @param user the only login that is good; empty = everyone is let in
     * @param wildcards whether clients may subscribe to more than they can name
     * @param records how many numbers of records are remembered beyond the records themselves, so
     *     that an older record does not come back after the newer has expired
     * @param counter told the name of what is counted
     */
    public RecordPolicy(
            String user,
            String password,
            boolean wildcards,
            int records,
            Consumer<String> counter) {
        this.user = user.getBytes(StandardCharsets.UTF_8);
        this.password = password.getBytes(StandardCharsets.UTF_8);
        this.wildcards = wildcards;
        this.counter = counter;
        numbers =
                new LinkedHashMap<>(16, 0.75f, true) {
                    @Override
                    protected boolean removeEldestEntry(Map.Entry<PeerId, Long> eldest) {
                        return size() > 2 * records;
                    }
                };
    }

    @Override
    public boolean login(Optional<String> name, Optional<byte[]> secret) {
        if (user.length == 0) {
            return true;
        }
        byte[] given = name.orElse("").getBytes(StandardCharsets.UTF_8);
        // both in constant time, and always both
        return MessageDigest.isEqual(user, given)
                & MessageDigest.isEqual(password, secret.orElse(new byte[0]));
    }

    @Override
    public boolean subscribe(String filter) {
        return Topics.wild(filter) ? wildcards : filter.startsWith(Topics.ROOT);
    }

    @Override
    public Decision publish(
            String topic, byte[] payload, boolean retain, Optional<byte[]> retained) {
        if (topic.startsWith(Topics.PEER)) {
            return record(topic, payload, retain, retained);
        }
        if (retain) {
            return refuse("retained", "only peer records are retained", 0);
        }
        if (topic.startsWith(Topics.SIGNAL)) {
            return signal(topic, payload);
        }
        return topic.startsWith(Topics.ROOT)
                ? Decision.pass()
                : refuse("topic", "only topics below karst/ are let through", 0);
    }

    private Decision signal(String topic, byte[] payload) {
        Optional<PeerId> to = peer(topic, Topics.SIGNAL);
        if (to.isEmpty()) {
            return refuse("topic", "not a peer id", 0);
        }
        return payload.length == 0 || payload.length > MAX_SIGNAL
                ? refuse("signal", "a signal is 1 to " + MAX_SIGNAL + " bytes", 0)
                : Decision.pass();
    }

    private Decision record(
            String topic, byte[] payload, boolean retain, Optional<byte[]> retained) {
        Optional<PeerId> of = peer(topic, Topics.PEER);
        if (of.isEmpty()) {
            return refuse("topic", "not a peer id", 0);
        }
        if (!retain) {
            return refuse("record", "a record must be retained", 0);
        }
        if (payload.length == 0) {
            return refuse("erase", "records are not erased, they expire", 0);
        }
        PeerRecord record;
        try {
            record = PeerRecord.verify(payload);
        } catch (IllegalArgumentException e) {
            return refuse("record", e.getMessage(), VERIFYING);
        }
        if (!record.id().equals(of.get())) {
            return refuse("record", "the record of another peer", VERIFYING);
        }
        long known = numbers.getOrDefault(record.id(), 0L);
        if (record.number() < known) {
            return refuse("older", "older than number " + known, VERIFYING);
        }
        if (record.number() == known
                && retained.isPresent()
                && !Arrays.equals(retained.get(), payload)) {
            return refuse("older", "another record has number " + known, VERIFYING);
        }
        numbers.put(record.id(), record.number());
        return Decision.keep(Duration.ofSeconds(record.lifetimeSeconds()), VERIFYING);
    }

    /** The peer in the last level, in the one spelling that everybody subscribes to. */
    private static Optional<PeerId> peer(String topic, String prefix) {
        try {
            PeerId id = PeerId.parse(topic.substring(prefix.length()));
            return topic.equals(prefix + id) ? Optional.of(id) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Decision refuse(String counterName, String why, int cost) {
        count("broker.refused." + counterName);
        return Decision.refuse(why, cost);
    }

    @Override
    public void count(String name) {
        counter.accept(name);
    }
}
