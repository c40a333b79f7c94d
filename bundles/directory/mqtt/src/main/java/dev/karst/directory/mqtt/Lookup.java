// SPDX-License-Identifier: Apache-2.0
package dev.karst.directory.mqtt;

import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.lib.mqtt.Topics;
import dev.karst.lib.mqtt.client.MqttLink;
import dev.karst.lib.mqtt.client.MqttSubscriber;
import dev.karst.spi.Scope;
import dev.karst.spi.directory.PeerDirectory;
import dev.karst.spi.directory.PeerDirectory.Listing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One question: subscribes, takes the first record, or none when the broker has none. */
final class Lookup implements MqttSubscriber {
    /** After the subscription was confirmed; brokers send retained messages right behind. */
    static final Duration GRACE = Duration.ofMillis(500);

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Scope scope;
    private final CompletableFuture<List<Listing>> done = new CompletableFuture<>();

    private Subscription grace = () -> {};

    private Lookup(Scope scope) {
        this.scope = scope;
    }

    static CompletionStage<List<Listing>> start(MqttLink link, PeerId peer, Scope scope) {
        Lookup lookup = new Lookup(scope);
        Subscription limit =
                scope.after(LIMIT, () -> lookup.fail("no answer in time; " + link.problem()));
        Subscription cancel = scope.onCancel(() -> lookup.fail("cancelled"));
        Subscription topic = link.subscribe(Topics.peer(peer), lookup);
        return lookup.done.whenComplete(
                (found, error) -> {
                    topic.close();
                    limit.close();
                    cancel.close();
                    lookup.lost();
                });
    }

    @Override
    public synchronized void granted() {
        grace.close();
        grace = scope.after(GRACE, () -> done.complete(List.of()));
    }

    @Override
    public synchronized void lost() {
        grace.close();
    }

    @Override
    public void message(byte[] payload, boolean retained) {
        if (payload.length > PeerDirectory.MAX_RECORD) {
            scope.count("directory.mqtt.oversized");
        } else if (payload.length > 0) {
            done.complete(List.of(Listing.of(payload)));
        }
    }

    @Override
    public void refused() {
        fail("the broker does not let this node look up peers");
    }

    @Override
    public void ended(String why) {
        fail(why);
    }

    private void fail(String why) {
        done.completeExceptionally(new IOException(why));
    }
}
