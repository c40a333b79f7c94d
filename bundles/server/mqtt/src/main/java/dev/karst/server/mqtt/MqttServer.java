// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import dev.karst.lib.mqtt.broker.BrokerLimits;
import dev.karst.lib.opener.Opener;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.function.Supplier;
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
 * The embedded broker. Registers a {@link Supplier} of its counters with the properties {@code
 * karst.server=mqtt} and {@code karst.url}, which has the port that was picked. If the port is
 * taken, it says so and tries again.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = MqttServer.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = MqttServer.Settings.class)
public final class MqttServer {
    static final String PID = "dev.karst.server.mqtt";

    /** An update beside: the new one takes over when the old one stops. */
    private static final long RETRY_MILLIS = 250;

    private final Opener opener;

    /** Settings. */
    @ObjectClassDefinition(name = "Karst MQTT broker")
    public @interface Settings {
        @AttributeDefinition(description = "host:port to listen on; port 0 picks one")
        String listen() default "127.0.0.1:1883";

        @AttributeDefinition(description = "User name every client must give; empty = none")
        String user() default "";

        @AttributeDefinition(type = AttributeType.PASSWORD, description = "Password of the user")
        String _password() default "";

        @AttributeDefinition(
                description = "PKCS#12 file with key and certificate; makes it a TLS broker")
        String keystore() default "";

        @AttributeDefinition(
                type = AttributeType.PASSWORD,
                description = "Password of the keystore")
        String _keystorePassword() default "";

        @AttributeDefinition(description = "Connections at a time")
        int clients() default 1000;

        @AttributeDefinition(description = "Peer records that are kept")
        int retained() default 10_000;

        @AttributeDefinition(description = "Packets per second a client may send in the long run")
        int rate() default 50;

        @AttributeDefinition(
                description =
                        "Whether clients may subscribe with + and #: they then see which peers"
                                + " there are and who is signaled")
        boolean wildcards() default false;
    }

    @Activate
    public MqttServer(BundleContext context, Settings settings) {
        try {
            ServerConfig config = configuration(settings);
            opener =
                    new Opener(
                            "karst-server-mqtt-retry",
                            RETRY_MILLIS,
                            () -> BrokerListener.open(config),
                            listener -> announce(context, listener));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PID + ": " + e.getMessage(), e);
        }
    }

    private static Runnable announce(BundleContext context, BrokerListener listener) {
        Dictionary<String, Object> p = new Hashtable<>();
        p.put("karst.server", "mqtt");
        p.put("karst.url", listener.url());
        Supplier<Map<String, Long>> counters = listener::counters;
        return context.registerService(Supplier.class, counters, p)::unregister;
    }

    private static ServerConfig configuration(Settings s) {
        return ServerConfig.of(
                s.listen(),
                s.user(),
                s._password(),
                s.keystore(),
                s._keystorePassword(),
                BrokerLimits.defaults()
                        .withClients(s.clients())
                        .withRetained(s.retained(), 64L << 20)
                        .withRate(s.rate(), 10 * s.rate()),
                s.wildcards());
    }

    @Deactivate
    void deactivate() {
        opener.close();
    }
}
