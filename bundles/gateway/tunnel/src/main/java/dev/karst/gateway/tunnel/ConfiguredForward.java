// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.PeerId;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** One configuration of the factory PID: one forwarded port. A wrong one is logged by DS. */
@Component(
        service = {},
        configurationPid = ConfiguredForward.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        immediate = true)
@Designate(ocd = ForwardSettings.class, factory = true)
public final class ConfiguredForward {
    static final String PID = "dev.karst.gateway.tunnel.forward";

    private final Runnable remove;

    @Activate
    public ConfiguredForward(
            @Reference TunnelRegistry tunnels, ForwardSettings s, Map<String, Object> properties) {
        PeerId peer;
        try {
            peer = PeerId.parse(s.peer());
        } catch (IllegalArgumentException e) {
            throw Texts.wrong("forward " + s.listen() + ", peer: " + e.getMessage());
        }
        this.remove =
                tunnels.configure(
                        String.valueOf(properties.getOrDefault("service.pid", PID)),
                        s.listen(),
                        peer,
                        s.service());
    }

    @Deactivate
    void stop() {
        remove.run();
    }
}
