// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.server.StunLimits;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * The embedded STUN server. Registers a {@link Supplier} of its counters with the properties {@code
 * karst.server=turn} and {@code karst.url}, which has the port that was picked. If a port is taken,
 * it says so and tries again.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = TurnServer.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = TurnServer.Settings.class)
public final class TurnServer {
    static final String PID = "dev.karst.server.turn";

    private static final long RETRY_MILLIS = 5000;

    private final Opener opener;

    /** Settings. */
    @ObjectClassDefinition(name = "Karst STUN server")
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
    }

    @Activate
    public TurnServer(BundleContext context, Settings settings) {
        ServerConfig config;
        try {
            config = configuration(settings);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PID + ": " + e.getMessage(), e);
        }
        opener = new Opener(config, RETRY_MILLIS, listener -> register(context, listener));
    }

    private static Runnable register(BundleContext context, TurnListener listener) {
        Dictionary<String, Object> p = new Hashtable<>();
        p.put("karst.server", "turn");
        p.put("karst.url", listener.urls().toArray(new String[0]));
        Supplier<Map<String, Long>> counters = listener::counters;
        ServiceRegistration<?> registration = context.registerService(Supplier.class, counters, p);
        return registration::unregister;
    }

    private static ServerConfig configuration(Settings s) {
        return ServerConfig.of(
                List.of(s.addresses()),
                s.port(),
                s.alternatePort(),
                s.tcp(),
                s.connections(),
                new StunLimits(s.rate(), s.burst(), s.total(), StunLimits.DEFAULT.sources()));
    }

    @Deactivate
    void deactivate() {
        opener.close();
    }
}
