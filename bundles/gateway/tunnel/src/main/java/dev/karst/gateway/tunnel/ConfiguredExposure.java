// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.KarstException;
import dev.karst.PeerId;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/**
 * One configuration of the factory PID: one exposed service. A wrong one is logged and has no
 * effect.
 */
@Component(
        service = {},
        configurationPid = ConfiguredExposure.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        immediate = true)
@Designate(ocd = ExposeSettings.class, factory = true)
public final class ConfiguredExposure {
    static final String PID = "dev.karst.gateway.tunnel.expose";

    private static final Logger LOG = System.getLogger(ConfiguredExposure.class.getName());
    private final Runnable remove;

    @Activate
    public ConfiguredExposure(
            @Reference TunnelRegistry tunnels, ExposeSettings s, Map<String, Object> properties) {
        String pid = String.valueOf(properties.getOrDefault("service.pid", PID));
        this.remove =
                orNothing(
                        pid,
                        () ->
                                tunnels.configure(
                                        pid, s.name(), s.target(), peers(s.name(), s.peers())));
    }

    /** One line in the log says more than the stack trace that an exception would leave there. */
    static Runnable orNothing(String pid, Supplier<Runnable> configure) {
        try {
            return configure.get();
        } catch (KarstException e) {
            LOG.log(Level.ERROR, "{0} has no effect: {1}", pid, e.getMessage());
            return () -> {};
        }
    }

    @Deactivate
    void stop() {
        remove.run();
    }

    /** Ids, each on its own or separated by commas or spaces; "any" only alone. */
    static Optional<Set<PeerId>> peers(String name, String[] listed) {
        Set<String> words = new LinkedHashSet<>();
        for (String entry : listed) {
            for (String word : entry.trim().split("[\\s,]+")) {
                if (!word.isEmpty()) {
                    words.add(word);
                }
            }
        }
        if (words.contains("any")) {
            if (words.size() > 1) {
                throw Texts.wrong("service " + name + ": peers is either \"any\" or a list of ids");
            }
            return Optional.empty();
        }
        Set<PeerId> peers = new LinkedHashSet<>();
        for (String word : words) {
            try {
                peers.add(PeerId.parse(word));
            } catch (IllegalArgumentException e) {
                throw Texts.wrong("service " + name + ", peers: " + e.getMessage());
            }
        }
        return Optional.of(peers);
    }
}
