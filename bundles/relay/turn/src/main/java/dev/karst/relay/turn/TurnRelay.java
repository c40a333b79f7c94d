// SPDX-License-Identifier: Apache-2.0
package dev.karst.relay.turn;

import dev.karst.spi.ProviderProperties;
import dev.karst.spi.net.TlsOptions;
import dev.karst.spi.relay.RelayProvider;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
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
 * TURN relays with one credential; one per configuration {@code dev.karst.relay.turn~name}. The
 * service is registered by hand because its name comes from the configured URL.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = TurnRelay.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = TurnRelay.Settings.class, factory = true)
@Capability(
        namespace = "osgi.service",
        attribute = "objectClass:List<String>=\"dev.karst.spi.relay.RelayProvider\"",
        effective = "active")
public final class TurnRelay {
    static final String PID = "dev.karst.relay.turn";

    private final ServiceRegistration<RelayProvider> registration;

    /** Settings. */
    @ObjectClassDefinition(name = "Karst relay by TURN")
    public @interface Settings {
        @AttributeDefinition(
                description =
                        "turn:host:port (UDP, then TCP), turn:host:port?transport=udp or =tcp,"
                                + " turns:host:port; several are tried at once")
        String[] url();

        @AttributeDefinition(description = "User name; with .secret, a text of your own")
        String user() default "";

        @AttributeDefinition(type = AttributeType.PASSWORD, description = "Password of the user")
        String _password() default "";

        @AttributeDefinition(
                type = AttributeType.PASSWORD,
                description =
                        "Instead of the password: the secret that time-limited credentials are made"
                                + " of (coturn's static-auth-secret)")
        String _secret() default "";

        @AttributeDefinition(
                description =
                        "SHA-256 of the relay's certificate, 64 hex digits: only that one is"
                                + " accepted. Empty = the platform's trust store")
        String pin() default "";
    }

    @Activate
    public TurnRelay(BundleContext context, Settings settings, Map<String, Object> properties) {
        Relays relays;
        try {
            relays =
                    relays(
                            List.of(settings.url()),
                            Account.of(settings.user(), settings._password(), settings._secret()),
                            settings.pin());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PID + ": " + e.getMessage(), e);
        }
        Dictionary<String, Object> p = new Hashtable<>();
        p.put(ProviderProperties.NAME, relays.name());
        if (properties.get(Constants.SERVICE_RANKING) instanceof Integer ranking) {
            p.put(Constants.SERVICE_RANKING, ranking);
        }
        registration = context.registerService(RelayProvider.class, relays, p);
    }

    private static Relays relays(List<String> urls, Account account, String pin) {
        return new Relays(
                TurnUrl.parse(urls),
                account,
                pin.isEmpty() ? TlsOptions.platform() : TlsOptions.pinned(pin));
    }

    /** The same without a container, for tests and simulations. Empty texts mean none. */
    public static RelayProvider provider(
            List<String> urls, String user, String password, String secret, String pin) {
        return relays(urls, Account.of(user, password, secret), pin);
    }

    @Deactivate
    void deactivate() {
        registration.unregister();
    }
}
