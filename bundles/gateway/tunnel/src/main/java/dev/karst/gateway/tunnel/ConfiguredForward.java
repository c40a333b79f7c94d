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

/**
 * One configuration of the factory PID: one forwarded port. A wrong one is logged and has no
 * effect.
 */
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
        String pid = String.valueOf(properties.getOrDefault("service.pid", PID));
        this.remove =
                ConfiguredExposure.orNothing(
                        pid, () -> tunnels.configure(pid, s.listen(), peer(s), s.service()));
    }

    private static PeerId peer(ForwardSettings s) {
        try {
            return PeerId.parse(s.peer());
        } catch (IllegalArgumentException e) {
            throw Texts.wrong("forward " + s.listen() + ", peer: " + e.getMessage());
        }
    }

    @Deactivate
    void stop() {
        remove.run();
    }
}
