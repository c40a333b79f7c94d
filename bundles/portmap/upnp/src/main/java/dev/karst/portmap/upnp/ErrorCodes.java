// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.KarstException.Code;
import java.util.Map;

/** The errors of UPnP control that a port mapper meets, in words. */
final class ErrorCodes {
    static final int INVALID_ARGS = 402;
    static final int FIREWALL_DISABLED = 702;
    static final int NO_SUCH_PINHOLE = 704;
    static final int NO_PACKET_SENT = 709;
    static final int NO_SUCH_ENTRY = 714;
    static final int CONFLICT = 718;
    static final int SAME_PORTS_ONLY = 724;
    static final int PERMANENT_ONLY = 725;
    static final int CONFLICT_WITH_OTHERS = 729;

    private static final Map<Integer, String> TEXTS =
            Map.ofEntries(
                    Map.entry(401, "it does not know this action"),
                    Map.entry(INVALID_ARGS, "it takes these arguments for wrong"),
                    Map.entry(501, "it could not do it now"),
                    Map.entry(602, "it does not implement this action"),
                    Map.entry(605, "an argument is too long for it"),
                    Map.entry(606, "it does not allow it to this address; see its UPnP settings"),
                    Map.entry(701, "it has no room for another pinhole"),
                    Map.entry(FIREWALL_DISABLED, "its IPv6 firewall is off"),
                    Map.entry(703, "it does not allow pinholes; see its IPv6 firewall settings"),
                    Map.entry(NO_SUCH_PINHOLE, "it does not know this pinhole"),
                    Map.entry(705, "it has no pinholes for this protocol"),
                    Map.entry(706, "it wants one internal port"),
                    Map.entry(707, "it wants one protocol"),
                    Map.entry(708, "it wants a remote host"),
                    Map.entry(NO_PACKET_SENT, "no packet went through the pinhole yet"),
                    Map.entry(713, "it has no such entry"),
                    Map.entry(NO_SUCH_ENTRY, "it has no such mapping"),
                    Map.entry(715, "it wants a remote host"),
                    Map.entry(716, "it wants one external port"),
                    Map.entry(CONFLICT, "the external port is taken"),
                    Map.entry(SAME_PORTS_ONLY, "internal and external port must be the same"),
                    Map.entry(PERMANENT_ONLY, "it has permanent mappings only"),
                    Map.entry(726, "it wants no remote host"),
                    Map.entry(727, "it wants no external port"),
                    Map.entry(728, "it has no free port mapping"),
                    Map.entry(CONFLICT_WITH_OTHERS, "the port is mapped by other means"),
                    Map.entry(732, "it wants one internal port"),
                    Map.entry(733, "it takes the arguments for inconsistent"));

    private ErrorCodes() {}

    static Code code(int error) {
        return switch (error) {
            case 606, 703 -> Code.NOT_PERMITTED;
            case 701, 728, CONFLICT, CONFLICT_WITH_OTHERS -> Code.LIMIT;
            default -> Code.INCOMPATIBLE;
        };
    }

    /** For people; the gateway's own words are foreign text and stand last. */
    static String text(int error, String description) {
        String ours = TEXTS.getOrDefault(error, "it refused");
        String theirs = Foreign.text(description, 100);
        return ours + " (" + error + (theirs.isEmpty() ? "" : " " + theirs) + ")";
    }
}
