// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.core.connect.Connector;
import dev.karst.core.connect.Publisher;
import dev.karst.core.connect.SignalHub;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.session.SessionTable;
import dev.karst.core.world.CoreScope;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.directory.PeerDirectory;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.signaling.SignalingBackend;
import dev.karst.spi.transport.Transport;
import java.time.Duration;

/** What each kind of provider means to the node when it comes and goes. */
final class ProviderWatch implements ProviderRegistry.Listener {
    private static final Duration PREPARING = Duration.ofSeconds(10);

    private final SessionTable sessions;
    private final Connector connector;
    private final Listeners listeners;
    private final SignalHub signals;
    private final Publisher publisher;
    private final Surroundings surroundings;
    private final Readiness readiness;
    private final CoreAdmin admin;

    ProviderWatch(
            SessionTable sessions,
            Connector connector,
            Listeners listeners,
            SignalHub signals,
            Publisher publisher,
            Surroundings surroundings,
            Readiness readiness,
            CoreAdmin admin) {
        this.sessions = sessions;
        this.connector = connector;
        this.listeners = listeners;
        this.signals = signals;
        this.publisher = publisher;
        this.surroundings = surroundings;
        this.readiness = readiness;
        this.admin = admin;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void arrived(ProviderHandle<?> h, Class<?> kind) {
        if (kind == Transport.class) {
            listeners.update();
            prepare((ProviderHandle<Transport>) h);
        } else if (kind == CryptoProvider.class) {
            sessions.cryptoArrived();
        } else if (kind == SignalingBackend.class) {
            signals.arrived((ProviderHandle<SignalingBackend>) h);
        } else if (kind == PeerDirectory.class) {
            publisher.changed();
        } else if (kind == NatDetector.class) {
            surroundings.nat().detectorsChanged();
        } else if (kind == PortMapper.class) {
            surroundings.ports().mappersChanged();
        }
        if (kind != NatDetector.class && kind != PortMapper.class) {
            connector.tryAnew("a provider came");
        }
        readiness.settle();
    }

    private void prepare(ProviderHandle<Transport> h) {
        CoreScope scope = h.scope(PREPARING);
        h.<Void>call("prepare", scope, PREPARING, (t, s) -> t.prepare(s))
                .whenComplete((v, e) -> scope.cancel());
    }

    /** A drained provider was taken back into use. */
    @SuppressWarnings("unchecked")
    void resume(ProviderHandle<?> h) {
        if (h.ref().kind().equals("signaling")) {
            signals.arrived((ProviderHandle<SignalingBackend>) h);
        } else if (h.ref().kind().equals("directory")) {
            publisher.changed();
        } else if (h.ref().kind().equals("nat")) {
            surroundings.nat().detectorsChanged();
        } else if (h.ref().kind().equals("portmap")) {
            surroundings.ports().mappersChanged();
        }
    }

    @Override
    public void changed(ProviderHandle<?> h, Class<?> kind) {
        admin.changed(h);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void left(ProviderHandle<?> h, Class<?> kind) {
        if (kind == Transport.class) {
            sessions.transportLeft((ProviderHandle<Transport>) h);
            listeners.update();
        } else if (kind == CryptoProvider.class) {
            sessions.cryptoLeft((ProviderHandle<CryptoProvider>) h);
        } else if (kind == SignalingBackend.class) {
            signals.left(h);
        } else if (kind == NatDetector.class) {
            surroundings.nat().detectorsChanged();
        } else if (kind == PortMapper.class) {
            surroundings.ports().mappersChanged();
        }
    }
}
