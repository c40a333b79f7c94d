// SPDX-License-Identifier: Apache-2.0
package dev.karst.directory.mqtt;

import dev.karst.lib.mqtt.client.BrokerUrl;
import dev.karst.lib.mqtt.client.MqttLogin;
import dev.karst.spi.ProviderProperties;
import dev.karst.spi.directory.PeerDirectory;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Peer records on one MQTT broker; one per configuration {@code dev.karst.directory.mqtt~name}. The
 * service is registered by hand because its name comes from the configured URL.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = MqttDirectory.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = MqttDirectory.Settings.class, factory = true)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"dev.karst.spi.directory.PeerDirectory\"",
        effective = "active")
public final class MqttDirectory {
    static final String PID = "dev.karst.directory.mqtt";

    private final ServiceRegistration<PeerDirectory> registration;

    /** Settings of one broker. */
    @ObjectClassDefinition(name = "Karst directory over MQTT")
    public @interface Settings {
        @AttributeDefinition(description = "mqtt://host:1883 or mqtts://host:8883")
        String url();

        @AttributeDefinition(description = "User name, empty where the broker asks nobody")
        String user() default "";

        @AttributeDefinition(type = AttributeType.PASSWORD, description = "Password of the user")
        String _password() default "";

        @AttributeDefinition(
                description =
                        "SHA-256 of the broker's certificate, 64 hex digits: only that one is"
                                + " accepted. Empty = the platform's trust store")
        String pin() default "";
    }

    @Activate
    public MqttDirectory(BundleContext context, Settings settings, Map<String, Object> properties) {
        BrokerUrl broker;
        PeerDirectory directory;
        try {
            broker = BrokerUrl.parse(settings.url(), settings.pin());
            directory = new Records(broker, MqttLogin.of(settings.user(), settings._password()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PID + ": " + e.getMessage(), e);
        }
        Dictionary<String, Object> p = new Hashtable<>();
        p.put(ProviderProperties.NAME, "mqtt:" + broker.authority());
        if (properties.get(Constants.SERVICE_RANKING) instanceof Integer ranking) {
            p.put(Constants.SERVICE_RANKING, ranking);
        }
        registration = context.registerService(PeerDirectory.class, directory, p);
    }

    /** The same without a container, for tests and simulations. Empty texts mean none. */
    public static PeerDirectory directory(String url, String user, String password, String pin) {
        return new Records(BrokerUrl.parse(url, pin), MqttLogin.of(user, password));
    }

    @Deactivate
    void deactivate() {
        registration.unregister();
    }
}
