// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.KarstException;
import dev.karst.spi.Scope;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.net.UdpSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Asks STUN servers. Keeps nothing but where shared sockets wrote to. */
@Component(
        name = StunNatDetector.PID,
        service = NatDetector.class,
        configurationPid = StunNatDetector.PID,
        property = "karst.name=stun")
@Designate(ocd = StunNatDetector.Settings.class)
public final class StunNatDetector implements NatDetector {
    static final String PID = "dev.karst.nat.stun";

    private final List<ServerName> servers;
    private final Written written = new Written();

    /** Settings. */
    @ObjectClassDefinition(name = "Karst NAT detection by STUN")
    public @interface Settings {
        @AttributeDefinition(
                description =
                        "STUN servers, host or host:port (3478): three, of which one or more with"
                                + " two addresses (RFC 5780). At most 6 are asked")
        String[] servers() default {};
    }

    @Activate
    public StunNatDetector(Settings settings) {
        this(List.of(settings.servers()));
    }

    /** The same without a container. */
    public StunNatDetector(List<String> servers) {
        try {
            this.servers = ServerName.parse(servers);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PID + ": " + e.getMessage(), e);
        }
    }

    @Override
    public CompletionStage<NatBehavior> detect(
            UdpSocket shared, Consumer<? super NatBehavior> later, Scope scope) {
        if (servers.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new KarstException(
                            KarstException.Code.CONFIGURATION,
                            "no STUN server to ask: set 'servers' in " + PID));
        }
        return new Detection(servers, shared, later, scope, written).begin();
    }
}
