// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;

/** The results of RFC 6887 section 7.4, for people. */
final class Result {
    static final int SUCCESS = 0;
    static final int UNSUPPORTED_VERSION = 1;
    static final int NOT_AUTHORIZED = 2;
    static final int MALFORMED_REQUEST = 3;
    static final int UNSUPPORTED_OPCODE = 4;
    static final int NO_RESOURCES = 8;

    private static final int LONGEST_ERROR = 1800; // section 7.4: half an hour is a long error

    private Result() {}

    /**
     * What a result other than success means.
     *
     * @param who the gateway's address
     */
    static KarstException of(Message m, String who) {
        String why = who + " " + words(m.result()) + " (result " + m.result() + ")";
        long seconds = seconds(m);
        return new KarstException(
                code(m.result()), seconds > 0 ? why + "; not before " + seconds + " s" : why);
    }

    /** How long the error will last, as far as one believes that. */
    static long seconds(Message m) {
        return Math.min(m.lifetime(), LONGEST_ERROR);
    }

    /** A gateway that does not speak version 2 names the one that it does. */
    static KarstException version(int version, String who) {
        String speaks = version == 0 ? "NAT-PMP only" : "version " + version + " of PCP";
        return new KarstException(Code.INCOMPATIBLE, who + " speaks " + speaks);
    }

    private static Code code(int result) {
        return switch (result) {
            case 1, 3, 4, 5, 6, 9 -> Code.INCOMPATIBLE;
            case 2 -> Code.NOT_PERMITTED;
            case 7 -> Code.UNREACHABLE;
            case 8, 10, 11, 13 -> Code.LIMIT;
            default -> Code.IO;
        };
    }

    private static String words(int result) {
        return switch (result) {
            case 1 -> "does not speak version 2 of PCP";
            case 2 -> "does not permit it, or somebody else holds the mapping (not authorized)";
            case 3 -> "could not read the request";
            case 4 -> "cannot do that (unsupported opcode)";
            case 5 -> "does not know an option that it must";
            case 6 -> "could not read an option";
            case 7 -> "has no external address now (network failure)";
            case 8 -> "has no more room for mappings (no resources)";
            case 9 -> "maps no such protocol";
            case 10 -> "gives this host no more mappings (quota)";
            case 11 -> "cannot give that external port or address";
            case 12 -> "sees another address than this host has: a NAT is in between";
            case 13 -> "was given too many remote peers";
            default -> "refuses";
        };
    }
}
