// SPDX-License-Identifier: Apache-2.0
package dev.karst.directory.mqtt;

import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.lib.mqtt.Topics;
import dev.karst.lib.mqtt.client.MqttLink;
import dev.karst.lib.mqtt.client.MqttSubscriber;
import dev.karst.spi.Scope;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Keeps one record at the broker: publishes it, then watches its topic. After each reconnect it
 * publishes again where the broker lost it; what others put there it only reports.
 */
final class Publication implements MqttSubscriber {
    private final MqttLink link;
    private final String topic;
    private final byte[] record;
    private final ForeignReports reports;
    private final Scope scope;
    private Subscription cancelling = () -> {};
    private Subscription grace = () -> {};
    private boolean seen;
    private boolean closed;

    Publication(MqttLink link, PeerId self, byte[] record, ForeignReports reports, Scope scope) {
        this.link = link;
        this.topic = Topics.peer(self);
        this.record = record.clone();
        this.reports = reports;
        this.scope = scope;
    }

    MqttLink link() {
        return link;
    }

    /**
     * Watches only what comes after the acknowledgement: our own former record is nothing foreign.
     * Where that fails it goes on all the same; the node may be offline.
     */
    CompletionStage<Void> begin(Runnable onCancel) {
        Subscription cancel = scope.onCancel(onCancel);
        synchronized (this) {
            cancelling = cancel;
        }
        return link.publish(topic, record, true, scope)
                .whenComplete((ok, error) -> link.subscribe(topic, this));
    }

    @Override
    public synchronized void granted() {
        seen = false;
        grace.close();
        if (!closed) {
            grace = scope.after(Lookup.GRACE, this::republishIfLost);
        }
    }

    private void republishIfLost() {
        synchronized (this) {
            if (seen || closed) {
                return;
            }
        }
        scope.count("directory.mqtt.republished");
        link.publish(topic, record, true, scope);
    }

    @Override
    public void message(byte[] payload, boolean retained) {
        synchronized (this) {
            seen = true;
            if (closed) {
                return;
            }
        }
        if (Arrays.equals(payload, record)) {
            reports.clear();
        } else {
            reports.report(payload.length == 0 ? Optional.empty() : Optional.of(payload));
        }
    }

    @Override
    public synchronized void lost() {
        grace.close();
    }

    @Override
    public void ended(String why) {
        close();
    }

    /** Another record took its place, or its scope is over. */
    void close() {
        synchronized (this) {
            closed = true;
            grace.close();
            cancelling.close();
        }
        reports.clear();
        link.close();
    }
}
