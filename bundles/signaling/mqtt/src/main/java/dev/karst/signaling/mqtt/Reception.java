// SPDX-License-Identifier: Apache-2.0
package dev.karst.signaling.mqtt;

import dev.karst.PeerId;
import dev.karst.lib.mqtt.Topics;
import dev.karst.lib.mqtt.client.BrokerUrl;
import dev.karst.lib.mqtt.client.MqttLink;
import dev.karst.lib.mqtt.client.MqttLogin;
import dev.karst.lib.mqtt.client.MqttSubscriber;
import dev.karst.spi.Scope;
import dev.karst.spi.signaling.SignalSink;
import dev.karst.spi.signaling.SignalingBackend;
import java.util.List;

/** Signals for this node, and the links that may be used as long as they are received. */
final class Reception implements MqttSubscriber {
    private static final System.Logger LOG = System.getLogger(Reception.class.getName());

    private final BrokerUrl own;
    private final SignalSink sink;
    private final Scope scope;
    private final MqttLink link;
    private final ForeignLinks foreign;
    private volatile boolean closed;

    Reception(BrokerUrl own, MqttLogin login, PeerId self, SignalSink sink, Scope scope) {
        this.own = own;
        this.sink = sink;
        this.scope = scope;
        foreign = new ForeignLinks(scope);
        link = MqttLink.keep(own, login, scope);
        link.subscribe(Topics.signal(self), this);
    }

    MqttLink link() {
        return link;
    }

    ForeignLinks foreign() {
        return foreign;
    }

    @Override
    public void granted() {
        if (!closed) {
            sink.reachableAt(List.of(own.endpoint()));
        }
    }

    @Override
    public void refused() {
        LOG.log(
                System.Logger.Level.WARNING,
                "{0} does not let this node receive below {1}",
                own,
                Topics.SIGNAL);
        lost();
    }

    @Override
    public void lost() {
        if (!closed) {
            sink.reachableAt(List.of());
        }
    }

    @Override
    public void ended(String why) {
        lost();
    }

    @Override
    public void message(byte[] payload, boolean retained) {
        if (closed) {
            return;
        }
        if (retained) {
            scope.count("signaling.mqtt.stale"); // somebody had it kept: it is old by definition
        } else if (payload.length == 0 || payload.length > SignalingBackend.MAX_SIGNAL) {
            scope.count("signaling.mqtt.bad-length");
        } else {
            sink.signal(payload);
        }
    }

    void close() {
        closed = true;
        foreign.close();
        link.close();
    }
}
