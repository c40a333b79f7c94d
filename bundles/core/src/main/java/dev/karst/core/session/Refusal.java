// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.KarstException.Code;

/** What the codes of a REFUSE frame mean to a caller and to a person. */
final class Refusal {
    private Refusal() {}

    static Code reason(byte code) {
        return switch (code) {
            case Hello.NOT_PERMITTED -> Code.NOT_PERMITTED;
            case Hello.BUSY -> Code.LIMIT;
            case Hello.CANNOT_OPEN -> Code.WRONG_KEY;
            case Hello.NO_CRYPTO -> Code.NO_PROVIDER;
            default -> Code.INCOMPATIBLE;
        };
    }

    static String words(byte code) {
        return switch (code) {
            case Hello.NO_VERSION -> "it speaks no version of the protocol that we do";
            case Hello.NO_SUITE -> "no cipher suite in common";
            case Hello.CANNOT_OPEN -> "it does not own the key we expected";
            case Hello.NOT_PERMITTED -> "it admits only peers it has opened a protocol to";
            case Hello.BUSY -> "it has no room for more sessions now";
            case Hello.NO_CRYPTO -> "it has no crypto provider at the moment";
            case Hello.BAD_OFFER -> "the handshake was altered on the way";
            default -> "code " + code;
        };
    }
}
