// SPDX-License-Identifier: Apache-2.0
package dev.karst.signaling.mqtt;

import dev.karst.lib.mqtt.client.BrokerUrl;
import dev.karst.lib.mqtt.client.MqttLink;
import dev.karst.lib.mqtt.client.MqttLogin;
import dev.karst.spi.Scope;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Links to the brokers of others, without login, made on demand and closed when idle. Few: peers
 * choose where they point.
 */
final class ForeignLinks {
    static final int MAX = 4;

    private static final Duration IDLE = Duration.ofSeconds(60);

    private final Scope scope;

    /** The one unused for the longest time first. */
    private final Map<BrokerUrl, Use> links = new LinkedHashMap<>();

    private boolean closed;

    private record Use(MqttLink link, long since) {}

    ForeignLinks(Scope scope) {
        this.scope = scope;
    }

    /** A link to that broker, or null when all are busy with other brokers. */
    synchronized MqttLink link(BrokerUrl broker) {
        links.values().removeIf(use -> use.link().closed());
        Use known = links.remove(broker);
        if (closed || known == null && links.size() >= MAX && !evictIdle()) {
            return null;
        }
        MqttLink link = known != null ? known.link() : MqttLink.once(broker, MqttLogin.NONE, scope);
        long now = scope.nanoTime();
        links.put(broker, new Use(link, now));
        scope.after(IDLE, () -> expire(broker, now));
        return link;
    }

    private boolean evictIdle() {
        for (Iterator<Use> i = links.values().iterator(); i.hasNext(); ) {
            Use use = i.next();
            if (use.link().idle()) {
                i.remove();
                use.link().close();
                return true;
            }
        }
        return false;
    }

    private synchronized void expire(BrokerUrl broker, long since) {
        Use use = links.get(broker);
        if (use != null && use.since() == since) {
            links.remove(broker);
            use.link().close();
        }
    }

    synchronized int size() {
        links.values().removeIf(use -> use.link().closed());
        return links.size();
    }

    void close() {
        List<Use> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(links.values());
            links.clear();
        }
        all.forEach(use -> use.link().close()); // fails what waits: not under our lock
    }
}
