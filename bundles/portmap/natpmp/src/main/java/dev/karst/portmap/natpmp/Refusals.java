// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.natpmp;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;

/** RFC 6886 section 3.5, for people. */
final class Refusals {
    private Refusals() {}

    /**
     * What a result that is not 0 means.
     *
     * @param who the gateway's address
     */
    static KarstException of(Answer a, String who) {
        return switch (a.version() != 0 ? Answer.UNSUPPORTED_VERSION : a.result()) {
            case Answer.UNSUPPORTED_VERSION ->
                    say(Code.INCOMPATIBLE, who, "does not speak NAT-PMP but PCP (result 1)");
            case 2 -> say(Code.NOT_PERMITTED, who, "does not permit it (not authorized, result 2)");
            case 3 ->
                    say(
                            Code.UNREACHABLE,
                            who,
                            "has no external address now (network failure, result 3)");
            case 4 ->
                    say(
                            Code.LIMIT,
                            who,
                            "has no more room for mappings (out of resources, result" + " 4)");
            case 5 -> say(Code.INCOMPATIBLE, who, "cannot do that (unsupported opcode, result 5)");
            default -> say(Code.IO, who, "refuses with unknown result " + a.result());
        };
    }

    private static KarstException say(Code code, String who, String why) {
        return new KarstException(code, who + " " + why);
    }
}
