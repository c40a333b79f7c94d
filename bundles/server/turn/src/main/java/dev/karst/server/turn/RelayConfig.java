// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.turn.server.IpRange;
import dev.karst.lib.stun.turn.server.PeerPolicy;
import dev.karst.lib.stun.turn.server.TurnLimits;
import dev.karst.lib.stun.turn.server.TurnUsers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings of the relay, checked. Without users there is none.
 *
 * @param realm of the credentials
 * @param users who may allocate
 * @param addresses of relayed sockets; empty: those that the server listens on
 * @param firstPort the lowest relayed port
 * @param lastPort the highest
 * @param allow peers beyond the default
 * @param deny further peers
 * @param limits of allocations
 * @param refusals a second for one source
 * @param tcp whether to offer TCP allocations
 * @param tls where TLS is spoken; empty for nowhere
 */
record RelayConfig(
        String realm,
        TurnUsers users,
        List<ServerConfig.Address> addresses,
        int firstPort,
        int lastPort,
        List<IpRange> allow,
        List<IpRange> deny,
        TurnLimits limits,
        int refusals,
        boolean tcp,
        Optional<TlsConfig> tls) {
    /** No relay. */
    static final RelayConfig NONE =
            new RelayConfig(
                    "karst",
                    new TurnUsers(Map.of(), Optional.empty(), Set.of()),
                    List.of(),
                    49152,
                    65535,
                    List.of(),
                    List.of(),
                    TurnLimits.DEFAULT,
                    20,
                    true,
                    Optional.empty());

    /**
     * A TLS listener.
     *
     * @param port 0 picks one
     * @param keystore path of a PKCS#12 file with a key
     * @param password of it
     */
    record TlsConfig(int port, String keystore, String password) {
        @Override
        public String toString() {
            return "port " + port + ", " + keystore;
        }
    }

    /**
     * Of texts by the names of the settings, for those without a container; the dots of secret ones
     * may be left out.
     *
     * @throws IllegalArgumentException that names the wrong one
     */
    static RelayConfig of(Map<String, String> all) {
        Map<String, String> left = new HashMap<>();
        all.forEach((k, v) -> left.put(k.startsWith(".") ? k.substring(1) : k, v));
        String realm = take(left, "realm", "karst");
        TurnUsers users =
                new TurnUsers(
                        users(List.of(take(left, "users", ""))),
                        Optional.of(take(left, "secret", "")),
                        Set.of(take(left, "revoked", "").split(",")));
        int[] ports = ports(take(left, "relayPorts", "49152-65535"));
        int tlsPort = Integer.parseInt(take(left, "tlsPort", "-1"));
        TlsConfig tls =
                new TlsConfig(
                        tlsPort, take(left, "keystore", ""), take(left, "keystorePassword", ""));
        TurnLimits d = TurnLimits.DEFAULT;
        RelayConfig out =
                new RelayConfig(
                        realm,
                        users,
                        List.of(),
                        ports[0],
                        ports[1],
                        ranges("allowPeers", new String[] {take(left, "allowPeers", "")}),
                        ranges("denyPeers", new String[] {take(left, "denyPeers", "")}),
                        new TurnLimits(
                                d.lifetime(),
                                d.maxLifetime(),
                                d.nonceLifetime(),
                                Integer.parseInt(take(left, "allocations", "" + d.allocations())),
                                Integer.parseInt(take(left, "userAllocations", "" + d.perUser())),
                                d.peers(),
                                Long.parseLong(take(left, "bytesPerSecond", "0"))),
                        Integer.parseInt(take(left, "refusals", "20")),
                        true,
                        tlsPort < 0 ? Optional.empty() : Optional.of(tls));
        if (!left.isEmpty()) {
            throw new IllegalArgumentException("no such setting: " + left.keySet());
        }
        return out;
    }

    private static String take(Map<String, String> from, String key, String otherwise) {
        String value = from.remove(key);
        return value == null ? otherwise : value;
    }

    /** Reads {@code 49152-65535}. */
    static int[] ports(String text) {
        String[] parts = text.trim().split("-", -1);
        try {
            int first = Integer.parseInt(parts[0].trim());
            int last = parts.length == 1 ? first : Integer.parseInt(parts[1].trim());
            if (parts.length <= 2 && first >= 1024 && last <= 0xffff && last - first >= 1) {
                return new int[] {first, last};
            }
        } catch (NumberFormatException e) {
            // as below
        }
        throw new IllegalArgumentException("relayPorts: such as 49152-65535, from 1024: " + text);
    }

    /** Reads {@code name:password}, each text one or more, comma-separated. */
    static Map<String, String> users(List<String> texts) {
        Map<String, String> out = new HashMap<>();
        for (String several : texts) {
            for (String one : several.split(",")) {
                int colon = one.indexOf(':');
                if (!one.isBlank() && (colon < 1 || colon + 1 == one.trim().length())) {
                    throw new IllegalArgumentException(".users: name:password expected");
                }
                if (!one.isBlank()) {
                    out.put(one.substring(0, colon).trim(), one.substring(colon + 1).trim());
                }
            }
        }
        return out;
    }

    static List<IpRange> ranges(String key, String[] texts) {
        try {
            return PeerPolicy.ranges(List.of(texts));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
        }
    }
}
