// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.natpmp;

import dev.karst.lib.portmap.News;
import dev.karst.spi.Scope;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads what may answer a question; counts what does not.
 *
 * @param who the gateway, for messages
 */
record Reader(Scope scope, Request request, String who) {
    /** What counters begin with. */
    static final String NAME = "natpmp";

    /** Version 2, response, opcode 0: RFC 6887 section 14.1. */
    private static final short PCP_ANNOUNCE = 0x0280;

    /** Throws if the gateway refuses. */
    Optional<Answer> answer(ByteBuffer bytes) {
        Optional<Answer> a = decode(bytes);
        if (a.isPresent() && !a.get().answers(request)) {
            scope.count("natpmp.unexpected");
            return Optional.empty();
        }
        if (a.isPresent() && a.get().result() != 0) {
            throw Refusals.of(a.get(), who);
        }
        return a;
    }

    /** Even a refusal tells how long the gateway is up. */
    Optional<News> news(ByteBuffer bytes) {
        return decode(bytes).filter(a -> a.answers(request)).flatMap(Reader::news);
    }

    /**
     * An answer to nobody's question about the address (RFC 6886 section 3.2.1); or PCP's ANNOUNCE,
     * which comes to the same port: miniupnpd, which speaks both, sends nothing else.
     */
    Optional<News> announcement(ByteBuffer bytes) {
        boolean pcp =
                bytes.remaining() >= 24
                        && bytes.getShort(0) == PCP_ANNOUNCE
                        && bytes.get(3) == 0; // success
        if (pcp) {
            return Optional.of(new News(bytes.getInt(8) & 0xffffffffL, Optional.empty()));
        }
        return decode(bytes).filter(a -> a.code() == 0).flatMap(Reader::news);
    }

    private static Optional<News> news(Answer a) {
        return a.version() != 0 || a.epoch() == 0 && a.result() != 0
                ? Optional.empty()
                : Optional.of(new News(a.epoch(), a.address()));
    }

    private Optional<Answer> decode(ByteBuffer bytes) {
        Optional<Answer> a = Answer.decode(bytes);
        if (a.isEmpty()) {
            scope.count("natpmp.malformed");
        }
        return a;
    }
}
