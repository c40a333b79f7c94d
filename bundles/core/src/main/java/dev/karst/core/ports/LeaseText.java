// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The lease ledger as a text: the JDK's properties, {@code 0.by=pcp}, {@code 0.state.nonce=…};
 * addresses are in hex, so that no name is ever looked up.
 */
public final class LeaseText {
    private static final String FORM = "karst-leases-1";
    private static final int MOST = 256;
    private static final String STATE = "state.";

    private LeaseText() {}

    public static String write(List<Held> all) {
        Properties p = new Properties();
        p.setProperty("form", FORM);
        for (int i = 0; i < Math.min(MOST, all.size()); i++) {
            Held h = all.get(i);
            PortLease l = h.lease();
            String at = i + ".";
            p.setProperty(at + "by", h.by());
            p.setProperty(at + "gateway", h.gateway());
            p.setProperty(at + "until", h.until().toString());
            p.setProperty(at + "protocol", l.protocol().name());
            p.setProperty(at + "internal", hex(l.internal().getAddress()));
            p.setProperty(at + "internalPort", "" + l.internal().getPort());
            p.setProperty(at + "externalPort", "" + l.externalPort());
            l.external().ifPresent(a -> p.setProperty(at + "external", hex(a)));
            p.setProperty(at + "lifetime", "" + l.lifetime().toSeconds());
            l.state().forEach((k, v) -> p.setProperty(at + STATE + k, v));
        }
        StringWriter out = new StringWriter();
        try {
            p.store(out, null);
        } catch (IOException e) {
            throw new IllegalStateException(e); // a StringWriter does not fail
        }
        return out.toString();
    }

    /** Reads what {@link #write} wrote; entries that make no sense are left out. */
    public static List<Held> read(String text) {
        Properties p = new Properties();
        List<Held> out = new ArrayList<>();
        try {
            p.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException e) {
            return out;
        }
        if (!FORM.equals(p.getProperty("form"))) {
            return out;
        }
        for (int i = 0; i < MOST && p.containsKey(i + ".by"); i++) {
            entry(p, i + ".").ifPresent(out::add);
        }
        return out;
    }

    private static Optional<Held> entry(Properties p, String at) {
        Map<String, String> state = new HashMap<>();
        for (String key : p.stringPropertyNames()) {
            if (key.startsWith(at + STATE)) {
                state.put(key.substring((at + STATE).length()), p.getProperty(key));
            }
        }
        try {
            InetAddress inside = address(p.getProperty(at + "internal", ""));
            String external = p.getProperty(at + "external");
            PortLease lease =
                    new PortLease(
                            Protocol.valueOf(p.getProperty(at + "protocol", "")),
                            new InetSocketAddress(inside, number(p, at + "internalPort")),
                            number(p, at + "externalPort"),
                            external == null ? Optional.empty() : Optional.of(address(external)),
                            Duration.ofSeconds(number(p, at + "lifetime")),
                            state);
            return Optional.of(
                    new Held(
                            p.getProperty(at + "by"),
                            p.getProperty(at + "gateway", ""),
                            lease,
                            Instant.parse(p.getProperty(at + "until", ""))));
        } catch (RuntimeException | UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static int number(Properties p, String key) {
        return Integer.parseInt(p.getProperty(key, ""));
    }

    private static String hex(InetAddress a) {
        return HexFormat.of().formatHex(a.getAddress());
    }

    private static InetAddress address(String hex) throws UnknownHostException {
        return InetAddress.getByAddress(HexFormat.of().parseHex(hex));
    }
}
