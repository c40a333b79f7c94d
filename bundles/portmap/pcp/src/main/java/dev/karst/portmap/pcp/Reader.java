// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import dev.karst.lib.portmap.News;
import dev.karst.spi.Scope;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads what may answer a request; counts what does not.
 *
 * @param who the gateway, for messages
 */
record Reader(Scope scope, Message request, String who) {
    /** What counters begin with. */
    static final String NAME = "pcp";

    private static final int RESPONSE = 0x80;

    /** The answer, failed or not; throws if the gateway speaks another version. */
    Optional<Message> answer(ByteBuffer bytes) {
        if (bytes.remaining() >= 4) {
            int version = bytes.get(0) & 0xff;
            boolean unsupported =
                    (bytes.get(1) & RESPONSE) != 0
                            && (bytes.get(3) & 0xff) == Result.UNSUPPORTED_VERSION;
            if (version != Message.VERSION && unsupported) { // 8 bytes of NAT-PMP, or a header
                throw Result.version(version, who);
            }
        }
        Optional<Message> m = decode(bytes);
        if (m.isEmpty()) {
            return m;
        }
        if (!m.get().response() || m.get().opcode() != request.opcode()) {
            return no("pcp.unexpected");
        }
        if (request.map().isPresent() && m.get().map().isPresent()) {
            MapFields asked = request.map().get();
            MapFields told = m.get().map().get();
            if (!told.nonce().equals(asked.nonce())) {
                return no("pcp.wrong-nonce");
            }
            if (!told.answers(asked)) {
                return no("pcp.unexpected");
            }
        }
        return m;
    }

    /** Even a refusal tells how long the gateway is up. */
    Optional<News> news(ByteBuffer bytes) {
        return answer(bytes).map(m -> new News(m.epoch(), Optional.empty()));
    }

    /** RFC 6887 section 14.1.2. */
    Optional<News> announcement(ByteBuffer bytes) {
        if (bytes.remaining() > 0 && bytes.get(0) != Message.VERSION) {
            return Optional.empty(); // NAT-PMP announces to the same port
        }
        Optional<Message> m = decode(bytes);
        boolean announced =
                m.isPresent()
                        && m.get().response()
                        && m.get().opcode() == Message.ANNOUNCE
                        && m.get().result() == Result.SUCCESS;
        if (m.isPresent() && !announced) {
            scope.count("pcp.unexpected");
        }
        return m.filter(x -> announced).map(x -> new News(x.epoch(), Optional.empty()));
    }

    private Optional<Message> decode(ByteBuffer bytes) {
        Optional<Message> m = Message.decode(bytes);
        return m.isPresent() ? m : no("pcp.malformed");
    }

    private Optional<Message> no(String counter) {
        scope.count(counter);
        return Optional.empty();
    }
}
