// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.Endpoint;
import dev.karst.IpAddresses;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What both sides know at the start of an attempt.
 *
 * @param id 128 random bits in hex, which only the two sides know
 * @param remote the peer's places, as it says; unproven
 * @param remoteNat likewise; unknown unless a signal told
 * @param relay whether a relay may be used; false where one is in use already
 */
record Terms(
        String id,
        boolean initiator,
        List<Endpoint> local,
        List<Endpoint> remote,
        NatProfile localNat,
        NatProfile remoteNat,
        boolean relay) {
    private static final int USER_CHARS = 8;

    Terms {
        local = List.copyOf(local);
        remote = List.copyOf(remote);
    }

    /**
     * Where servers saw the peer's NAT, if that is a public IPv4 address: only there ports may be
     * tried by the hundred.
     */
    Optional<InetAddress> seenPeer() {
        return remoteNat
                .ipv4()
                .flatMap(NatBehavior::mapped)
                .map(InetSocketAddress::getAddress)
                .filter(a -> a instanceof Inet4Address && IpAddresses.isPublic(a));
    }

    /** This side's ICE user name fragment: docs/wire.md, "UDP punching". */
    String user() {
        String role = initiator ? "initiator" : "responder";
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(id), "HmacSHA256"));
            byte[] label = ("karst ice ufrag " + role).getBytes(StandardCharsets.US_ASCII);
            byte[] hash = mac.doFinal(label);
            return HexFormat.of().formatHex(Arrays.copyOf(hash, USER_CHARS / 2));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
