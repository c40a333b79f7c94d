// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.PeerId;
import dev.karst.core.ports.PortSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** From what an operator wrote to what the node is made of. */
final class SettingsReader {
    private SettingsReader() {}

    /**
     * The same, checked.
     *
     * @throws KarstException CONFIGURATION, with the setting that is wrong
     */
    static CoreConfig read(CoreSettings c) {
        Limits d = Limits.defaults();
        try {
            return new CoreConfig(
                    split(c.listen()).stream().map(Endpoint::parse).toList(),
                    split(c.allow()).stream().map(PeerId::parse).toList(),
                    new Limits(
                            c.sessions(),
                            d.pipesPerSession(),
                            d.window(),
                            d.replayPerPeer(),
                            d.replayPerNode(),
                            Duration.ofSeconds(c.suspendLimit()),
                            Duration.ofSeconds(c.connectTimeout()),
                            d.handshakeTimeout(),
                            d.pendingHandshakes(),
                            d.pingInterval(),
                            d.pingTimeout(),
                            d.signalsPerSecond()),
                    c.udpPort(),
                    new PortSettings(
                            c.portMapping(),
                            split(c.portProtocols()),
                            Duration.ofSeconds(c.portLifetime())));
        } catch (IllegalArgumentException e) {
            throw new KarstException(
                    Code.CONFIGURATION,
                    "a setting of PID dev.karst.core is wrong: " + e.getMessage());
        }
    }

    /** A .cfg file gives one string for a list. */
    private static List<String> split(String[] values) {
        List<String> out = new ArrayList<>();
        for (String v : values) {
            for (String s : v.split(",")) {
                if (!s.isBlank()) {
                    out.add(s.trim());
                }
            }
        }
        return out;
    }
}
