// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.Peer;
import dev.karst.PeerId;
import dev.karst.spi.Scope;
import dev.karst.spi.Scopes;
import dev.karst.tunnel.Forwarded;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/**
 * One local port that leads to a service of a peer. Attached and detached under the lock of {@link
 * TunnelService}; subclasses do TCP and UDP.
 */
abstract class Forward {
    private static final Logger LOG = System.getLogger(Forward.class.getName());
    private static final Duration FIRST_RETRY = Duration.ofMillis(250);
    private static final Duration LAST_RETRY = Duration.ofSeconds(8);

    final Limits limits;
    final Meter meter;
    final Links links;
    private final Endpoint asked;
    private final PeerId peer;
    private final String name;
    private final String origin;
    private volatile Scopes.Owned owned;
    private volatile Endpoint listen;
    private volatile String state = Exposure.AWAY;

    Forward(
            Endpoint asked,
            PeerId peer,
            String name,
            String origin,
            Limits limits,
            Semaphore slots) {
        this.asked = asked;
        this.listen = asked;
        this.peer = peer;
        this.name = name;
        this.origin = origin;
        this.limits = limits;
        this.meter = new Meter("forward to " + name + " of " + peer.brief());
        this.links = new Links(slots, meter);
    }

    static Forward of(
            Endpoint asked,
            PeerId peer,
            String name,
            String origin,
            Limits limits,
            Semaphore slots) {
        return Texts.udp(asked)
                ? new DatagramForward(asked, peer, name, origin, limits, slots)
                : new StreamForward(asked, peer, name, origin, limits, slots);
    }

    /** Binds; what it bound ends with the scope of {@code at}. */
    abstract CompletionStage<InetSocketAddress> bind(InetSocketAddress local, Attachment at);

    /** The core and this tunnel's scope in it: what one binding works with. */
    final class Attachment {
        private final Core core;
        private final Scopes.Owned owned;

        private Attachment(Core core, Scopes.Owned owned) {
            this.core = core;
            this.owned = owned;
        }

        Scope scope() {
            return owned.scope();
        }

        CompletionStage<Peer> connect() {
            return core.node().connect(peer);
        }
    }

    Endpoint asked() {
        return asked;
    }

    String origin() {
        return origin;
    }

    dev.karst.ProtocolId protocol() {
        return Texts.protocol(asked, name);
    }

    boolean matches(Endpoint address) {
        return address.equals(asked) || address.equals(listen);
    }

    /**
     * Listens. After a failure it tries again from time to time, until it is detached.
     *
     * @return completes with what it listens on; fails with {@link KarstException} {@code IO} at
     *     the first failure
     */
    CompletionStage<Forwarded> attach(Core core) {
        owned = core.scopes().open("tunnel to " + name);
        return listen(new Attachment(core, owned), FIRST_RETRY);
    }

    private CompletionStage<Forwarded> listen(Attachment at, Duration retry) {
        // Once a port was picked it stays the same, whatever comes and goes below.
        Endpoint wanted = listen;
        return at.scope()
                .network()
                .resolve(wanted.host())
                .thenCompose(a -> bind(new InetSocketAddress(a.get(0), wanted.port()), at))
                .handle(
                        (local, error) -> {
                            if (owned != at.owned) {
                                throw new KarstException(
                                        KarstException.Code.CLOSED, "removed or restarted");
                            }
                            if (error != null) {
                                throw failed(Texts.cause(error), at, retry);
                            }
                            listen = Endpoint.of(asked.scheme(), wanted.host(), local.getPort());
                            state = "listening";
                            if (!Texts.loopback(asked)) {
                                LOG.log(
                                        Level.WARNING,
                                        "{0} is open to whoever reaches it over the network",
                                        listen);
                            }
                            return view();
                        });
    }

    private KarstException failed(Throwable cause, Attachment at, Duration retry) {
        String why = "cannot listen on " + listen + ": " + Texts.sentence(cause);
        if (!state.equals(why)) {
            LOG.log(Level.WARNING, why);
        }
        state = why;
        // Soon at first: the port may just be on its way back from before a restart of the core.
        Duration next = retry.compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
        at.scope().after(retry, () -> listen(at, next));
        return new KarstException(KarstException.Code.IO, why, cause);
    }

    void detach() {
        state = Exposure.AWAY;
        links.abortAll();
        if (owned != null) {
            owned.close();
            owned = null;
        }
    }

    Forwarded view() {
        return new Forwarded(listen, peer, name, origin, state, meter.traffic());
    }

    void refuse(Scope scope) {
        meter.refused(scope, "connections are refused: all " + limits.connections() + " are used");
    }
}
