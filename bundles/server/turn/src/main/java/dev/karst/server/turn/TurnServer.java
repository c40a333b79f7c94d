// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.opener.Opener;
import dev.karst.lib.stun.server.StunLimits;
import dev.karst.lib.stun.turn.server.TurnLimits;
import dev.karst.lib.stun.turn.server.TurnUsers;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * The embedded STUN and TURN server. Registers a {@link Supplier} of its counters with the
 * properties {@code karst.server=turn} and {@code karst.url}, which has the port that was picked.
 * If a port is taken, it says so and tries again.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = TurnServer.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = TurnServer.Settings.class)
public final class TurnServer {
    static final String PID = "dev.karst.server.turn";

    /** An update beside: the new one takes over when the old one stops. */
    private static final long RETRY_MILLIS = 250;

    private final Opener opener;

    /** Settings. */
    @ObjectClassDefinition(name = "Karst STUN and TURN server")
    public @interface Settings {
        @AttributeDefinition(
                description =
                        "Where to listen, comma-separated: one or two addresses of a family, or"
                                + " 0.0.0.0 or :: alone; address/told if clients know it by another")
        String[] addresses() default "127.0.0.1";

        @AttributeDefinition(description = "Port for UDP and TCP; 0 picks one")
        int port() default 3478;

        @AttributeDefinition(
                description = "Second port, for NAT detection; 0 picks one, -1 is none")
        int alternatePort() default 3479;

        @AttributeDefinition(description = "Whether to serve TCP, too")
        boolean tcp() default true;

        @AttributeDefinition(description = "Connections at a time")
        int connections() default 1024;

        @AttributeDefinition(
                description = "Answers per second for one IPv4 address or IPv6 /64 in the long run")
        int rate() default 50;

        @AttributeDefinition(description = "Answers at once for one that was quiet")
        int burst() default 200;

        @AttributeDefinition(description = "Answers per second for all together")
        int total() default 20_000;

        @AttributeDefinition(description = "Realm of the relay's users")
        String realm() default "karst";

        @AttributeDefinition(
                type = AttributeType.PASSWORD,
                description = "Who may use the relay: name:password, comma-separated")
        String[] _users() default {};

        @AttributeDefinition(
                type = AttributeType.PASSWORD,
                description =
                        "Secret of time-limited users (coturn's use-auth-secret). Without users and"
                                + " secret there is no relay")
        String _secret() default "";

        @AttributeDefinition(
                description = "Users that are refused: a name, or what follows expiry: in it")
        String[] revoked() default {};

        @AttributeDefinition(
                description = "Relayed addresses, address or address/told; default: addresses")
        String[] relayAddresses() default {};

        @AttributeDefinition(description = "Relayed ports")
        String relayPorts() default "49152-65535";

        @AttributeDefinition(
                description = "Peers that are allowed although private, such as 10.1.0.0/16")
        String[] allowPeers() default {};

        @AttributeDefinition(description = "Further peers that are denied")
        String[] denyPeers() default {};

        @AttributeDefinition(description = "Allocations in all")
        int allocations() default 4000;

        @AttributeDefinition(description = "Allocations of one user")
        int userAllocations() default 200;

        @AttributeDefinition(description = "Bytes per second of one allocation; 0 is no limit")
        long bytesPerSecond() default 0;

        @AttributeDefinition(description = "The longest lifetime of an allocation in seconds")
        int maxLifetime() default 3600;

        @AttributeDefinition(description = "Refusals per second for one source")
        int refusals() default 20;

        @AttributeDefinition(description = "Whether to offer TCP allocations (RFC 6062)")
        boolean tcpAllocations() default true;

        @AttributeDefinition(description = "Port for TLS; 0 picks one, -1 is none")
        int tlsPort() default -1;

        @AttributeDefinition(description = "Path of a PKCS#12 file with the key for TLS")
        String keystore() default "";

        @AttributeDefinition(type = AttributeType.PASSWORD, description = "Its password")
        String _keystorePassword() default "";
    }

    @Activate
    public TurnServer(BundleContext context, Settings settings) {
        ServerConfig config;
        try {
            config = configuration(settings);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PID + ": " + e.getMessage(), e);
        }
        opener =
                new Opener(
                        "karst-server-turn-retry",
                        RETRY_MILLIS,
                        () -> TurnListener.open(config),
                        listener -> announce(context, listener));
    }

    private static Runnable announce(BundleContext context, TurnListener listener) {
        Dictionary<String, Object> p = new Hashtable<>();
        p.put("karst.server", "turn");
        p.put("karst.url", listener.urls().toArray(new String[0]));
        Supplier<Map<String, Long>> counters = listener::counters;
        return context.registerService(Supplier.class, counters, p)::unregister;
    }

    private static ServerConfig configuration(Settings s) {
        ServerConfig stun =
                ServerConfig.of(
                        List.of(s.addresses()),
                        s.port(),
                        s.alternatePort(),
                        s.tcp(),
                        s.connections(),
                        new StunLimits(
                                s.rate(), s.burst(), s.total(), StunLimits.DEFAULT.sources()));
        int[] ports = RelayConfig.ports(s.relayPorts());
        TurnLimits d = TurnLimits.DEFAULT;
        return stun.with(
                new RelayConfig(
                        s.realm(),
                        new TurnUsers(
                                RelayConfig.users(List.of(s._users())),
                                Optional.of(s._secret()),
                                Set.copyOf(trimmed(s.revoked()))),
                        trimmed(s.relayAddresses()).stream().map(ServerConfig::address).toList(),
                        ports[0],
                        ports[1],
                        RelayConfig.ranges("allowPeers", s.allowPeers()),
                        RelayConfig.ranges("denyPeers", s.denyPeers()),
                        new TurnLimits(
                                Math.min(d.lifetime(), s.maxLifetime()),
                                s.maxLifetime(),
                                d.nonceLifetime(),
                                s.allocations(),
                                s.userAllocations(),
                                d.peers(),
                                s.bytesPerSecond()),
                        s.refusals(),
                        s.tcpAllocations(),
                        s.tlsPort() < 0
                                ? Optional.empty()
                                : Optional.of(
                                        new RelayConfig.TlsConfig(
                                                s.tlsPort(),
                                                s.keystore(),
                                                s._keystorePassword()))));
    }

    private static List<String> trimmed(String[] texts) {
        return Stream.of(texts)
                .flatMap(t -> Stream.of(t.split(",")))
                .map(String::trim)
                .filter(t -> !t.isEmpty())
                .toList();
    }

    @Deactivate
    void deactivate() {
        opener.close();
    }
}
