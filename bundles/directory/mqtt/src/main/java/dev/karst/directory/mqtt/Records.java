// SPDX-License-Identifier: Apache-2.0
package dev.karst.directory.mqtt;

import dev.karst.PeerId;
import dev.karst.lib.mqtt.client.BrokerUrl;
import dev.karst.lib.mqtt.client.MqttLink;
import dev.karst.lib.mqtt.client.MqttLogin;
import dev.karst.spi.Scope;
import dev.karst.spi.directory.PeerDirectory;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Records as retained messages, one topic per peer. While a record is published, its link also
 * serves the look-ups; else each look-up connects for itself.
 */
final class Records implements PeerDirectory {
    private final BrokerUrl broker;
    private final MqttLogin login;
    private Publication current;

    Records(BrokerUrl broker, MqttLogin login) {
        this.broker = broker;
        this.login = login;
    }

    @Override
    public CompletionStage<List<Listing>> lookup(PeerId peer, Scope scope) {
        Publication publication;
        synchronized (this) {
            publication = current;
        }
        if (publication == null || publication.link().closed()) {
            return ownLink(peer, scope);
        }
        CompletableFuture<List<Listing>> done = new CompletableFuture<>();
        Lookup.start(publication.link(), peer, scope)
                .whenComplete(
                        (found, error) -> {
                            if (error == null) {
                                done.complete(found);
                            } else if (publication.link().closed() && !scope.cancelled()) {
                                pass(ownLink(peer, scope), done); // the record was replaced
                            } else {
                                done.completeExceptionally(error);
                            }
                        });
        return done.minimalCompletionStage();
    }

    private CompletionStage<List<Listing>> ownLink(PeerId peer, Scope scope) {
        MqttLink link = MqttLink.once(broker, login, scope);
        return Lookup.start(link, peer, scope).whenComplete((found, error) -> link.close());
    }

    private static <T> void pass(CompletionStage<T> from, CompletableFuture<T> to) {
        from.whenComplete(
                (value, error) -> {
                    if (error == null) {
                        to.complete(value);
                    } else {
                        to.completeExceptionally(error);
                    }
                });
    }

    @Override
    public CompletionStage<Void> publish(
            PeerId self, byte[] record, Consumer<Optional<byte[]>> onForeign, Scope scope) {
        if (record.length == 0 || record.length > MAX_RECORD) {
            return CompletableFuture.failedStage(
                    new IOException(
                            "a record is 1 to " + MAX_RECORD + " bytes, got " + record.length));
        }
        MqttLink link = MqttLink.keep(broker, login, scope);
        Publication fresh =
                new Publication(link, self, record, new ForeignReports(onForeign, scope), scope);
        Publication former;
        synchronized (this) {
            former = current;
            current = fresh;
        }
        if (former != null) {
            former.close();
        }
        return fresh.begin(() -> forget(fresh));
    }

    private synchronized void forget(Publication publication) {
        if (current == publication) {
            current = null;
        }
    }
}
