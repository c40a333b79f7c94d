// SPDX-License-Identifier: Apache-2.0
package dev.karst.signaling.mqtt;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.lib.mqtt.Topics;
import dev.karst.lib.mqtt.client.BrokerUrl;
import dev.karst.lib.mqtt.client.MqttLink;
import dev.karst.lib.mqtt.client.MqttLogin;
import dev.karst.spi.Scope;
import dev.karst.spi.signaling.SignalSink;
import dev.karst.spi.signaling.SignalingBackend;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Signals as messages of QoS 1, never retained, to a topic per peer.
 *
 * <p>While a reception is open its links are used: they live in its scope, longer than one send. A
 * send without a reception connects for itself alone.
 */
final class Backend implements SignalingBackend {
    private final BrokerUrl own;
    private final MqttLogin login;
    private final boolean foreign;
    private final List<Reception> receptions = new CopyOnWriteArrayList<>();

    Backend(BrokerUrl own, MqttLogin login, boolean foreign) {
        this.own = own;
        this.login = login;
        this.foreign = foreign;
    }

    @Override
    public boolean reaches(Endpoint endpoint) {
        try {
            return own.sameBroker(BrokerUrl.of(endpoint)) || foreign;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public CompletionStage<Void> send(PeerId to, Endpoint via, byte[] sealed, Scope scope) {
        if (sealed.length == 0 || sealed.length > MAX_SIGNAL) {
            return failed("a signal is 1 to " + MAX_SIGNAL + " bytes, got " + sealed.length);
        }
        BrokerUrl broker;
        try {
            broker = BrokerUrl.of(via);
        } catch (IllegalArgumentException e) {
            return failed(e.getMessage());
        }
        boolean ours = own.sameBroker(broker);
        if (!ours && !foreign) {
            return failed("brokers of others are switched off: " + broker);
        }
        Reception reception = current();
        if (reception == null) {
            return alone(ours ? own : broker, ours ? login : MqttLogin.NONE, to, sealed, scope);
        }
        if (ours) {
            return reception.link().publish(Topics.signal(to), sealed, false, scope);
        }
        MqttLink link = reception.foreign().link(broker);
        return link == null
                ? failed("too many brokers of others are in use")
                : link.publish(Topics.signal(to), sealed, false, scope);
    }

    /** The youngest that is open, or null. */
    private Reception current() {
        Reception youngest = null;
        for (Reception r : receptions) {
            if (!r.link().closed()) {
                youngest = r;
            }
        }
        return youngest;
    }

    private static CompletionStage<Void> alone(
            BrokerUrl broker, MqttLogin login, PeerId to, byte[] sealed, Scope scope) {
        MqttLink link = MqttLink.once(broker, login, scope);
        return link.publish(Topics.signal(to), sealed, false, scope)
                .whenComplete((ok, error) -> link.close());
    }

    private static CompletionStage<Void> failed(String why) {
        return CompletableFuture.failedStage(new IOException(why));
    }

    @Override
    public Subscription receive(PeerId self, SignalSink sink, Scope scope) {
        Reception reception = new Reception(own, login, self, sink, scope);
        receptions.add(reception);
        Subscription cancelling = scope.onCancel(() -> receptions.remove(reception));
        return () -> {
            receptions.remove(reception);
            cancelling.close();
            reception.close();
        };
    }
}
