// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.server;

import dev.karst.lib.stun.ChangeRequest;
import dev.karst.lib.stun.StunAttribute;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunDecoded;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.StunMethod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Answers Binding requests: RFC 8489 without authentication, RFC 5780, and RFC 3489 but for
 * RESPONSE-ADDRESS and authentication. Not thread-safe.
 *
 * <p>With four ends all of RFC 5780 works over UDP. With fewer no OTHER-ADDRESS is told. RFC 5780
 * section 6 then wants every CHANGE-REQUEST refused; here those that can be met are met (another
 * port, if there are two; one without flags, which old clients always send), and the others get a
 * 420 with CHANGE-REQUEST among the unknown: never an answer from where it was not asked for. Over
 * TCP, CHANGE-REQUEST, RESPONSE-PORT and PADDING are unknown.
 *
 * <p>Whoever forges a source must gain nothing: an answer goes to the source's own IP address, to
 * its port or (RESPONSE-PORT) another above 1023; it is at most {@value #MAX_GROWTH} bytes longer
 * than the request; PADDING only fills it up to the request's length; each source has a rate.
 * Indications, answers and garbage get nothing.
 */
public final class StunResponder {
    /**
     * What an answer may have more than its request, in bytes: four IPv6 addresses. With IPv4 it is
     * 48.
     */
    public static final int MAX_GROWTH = 96;

    /** The longest request that is read, in bytes: enough to test whether fragments pass. */
    public static final int MAX_REQUEST = 2048;

    /** Authentication is not asked for, so its attributes are known and of no matter. */
    private static final StunAttribute<?>[] TCP = {
        StunAttributes.USERNAME,
        StunAttributes.USERHASH,
        StunAttributes.REALM,
        StunAttributes.NONCE,
        StunAttributes.PASSWORD_ALGORITHM,
        StunAttributes.MESSAGE_INTEGRITY,
        StunAttributes.MESSAGE_INTEGRITY_SHA256,
    };

    private static final StunAttribute<?>[] UDP = udp();

    private final StunEnds ends;
    private final SourceLimiter limiter;
    private final Consumer<String> counter;

    /**
     * A responder.
     *
     * @param ends its sockets
     * @param limits how much it answers
     * @param counter is told the names of what happened, such as {@code stun.answered}
     */
    public StunResponder(StunEnds ends, StunLimits limits, Consumer<String> counter) {
        this.ends = ends;
        this.limiter = new SourceLimiter(limits);
        this.counter = counter;
    }

    private static StunAttribute<?>[] udp() {
        List<StunAttribute<?>> out = new ArrayList<>(List.of(TCP));
        out.add(StunAttributes.CHANGE_REQUEST);
        out.add(StunAttributes.RESPONSE_PORT);
        out.add(StunAttributes.PADDING);
        return out.toArray(new StunAttribute<?>[0]);
    }

    /**
     * Takes a datagram. Never throws for what is in it.
     *
     * @param end index of the socket it came to
     * @param source where it came from
     * @param now nanoseconds of a monotonic clock
     * @return the answer; mostly, but not always, from the same end to the source
     */
    public Optional<StunAnswer> udp(int end, InetSocketAddress source, ByteBuffer in, long now) {
        return answer(end, source, in, now, UDP);
    }

    /**
     * Takes a message from a connection, as {@link dev.karst.lib.stun.StunFramer} cuts it. Never
     * throws for what is in it.
     *
     * @return the answer, which belongs on the same connection
     */
    public Optional<StunAnswer> tcp(int end, InetSocketAddress source, ByteBuffer in, long now) {
        return answer(end, source, in, now, TCP);
    }

    private Optional<StunAnswer> answer(
            int end, InetSocketAddress source, ByteBuffer in, long now, StunAttribute<?>[] known) {
        StunDecoded decoded = StunMessage.decode(in, MAX_REQUEST, true);
        if (decoded.problem().isPresent()) {
            return none("stun.bad." + decoded.problem().get().counter());
        }
        StunMessage request = decoded.message().orElseThrow();
        if (request.kind() != StunClass.REQUEST || request.method() != StunMethod.BINDING) {
            return none("stun.ignored");
        }
        if (request.has(StunAttributes.FINGERPRINT) && !request.fingerprint()) {
            return none("stun.bad.fingerprint");
        }
        if (!answerable(source)) {
            return none("stun.bad.source");
        }
        if (!limiter.take(source.getAddress(), now)) {
            return none("stun.limited");
        }
        return Optional.of(answer(new Asked(end, source, request), known));
    }

    private Optional<StunAnswer> none(String why) {
        counter.accept(why);
        return Optional.empty();
    }

    private static boolean answerable(InetSocketAddress source) {
        InetAddress a = source.getAddress();
        return source.getPort() != 0 && !a.isAnyLocalAddress() && !a.isMulticastAddress();
    }

    private record Asked(int end, InetSocketAddress source, StunMessage request) {}

    private StunAnswer answer(Asked asked, StunAttribute<?>[] known) {
        StunMessage m = asked.request();
        List<Integer> unknown = m.unknown(known);
        if (!unknown.isEmpty()) {
            return refuse(asked, unknown);
        }
        Optional<Integer> port = m.get(StunAttributes.RESPONSE_PORT);
        if (m.malformed(StunAttributes.CHANGE_REQUEST)
                || m.malformed(StunAttributes.RESPONSE_PORT)
                || port.isPresent() && (port.get() < 1024 || m.has(StunAttributes.PADDING))) {
            return refuse(asked, List.of());
        }
        ChangeRequest change =
                m.get(StunAttributes.CHANGE_REQUEST).orElse(new ChangeRequest(false, false));
        Optional<Integer> from = ends.change(asked.end(), change.ip(), change.port());
        if (from.isEmpty()) {
            return refuse(asked, List.of(StunAttributes.CHANGE_REQUEST.type()));
        }
        counter.accept(m.classic() ? "stun.answered.classic" : "stun.answered");
        InetSocketAddress to =
                port.map(p -> new InetSocketAddress(asked.source().getAddress(), p))
                        .orElse(asked.source());
        byte[] bytes = m.classic() ? classic(asked, from.get()) : success(asked, from.get());
        return new StunAnswer(from.get(), to, bytes);
    }

    private byte[] success(Asked asked, int from) {
        StunMessage m = asked.request();
        StunMessageBuilder b =
                m.reply(StunClass.SUCCESS)
                        .with(StunAttributes.XOR_MAPPED_ADDRESS, asked.source())
                        .with(StunAttributes.MAPPED_ADDRESS, asked.source());
        ends.told(from).ifPresent(a -> b.with(StunAttributes.RESPONSE_ORIGIN, a));
        if (ends.full()) {
            ends.told(asked.end() ^ 3).ifPresent(a -> b.with(StunAttributes.OTHER_ADDRESS, a));
        }
        boolean fingerprint = m.has(StunAttributes.FINGERPRINT);
        if (m.has(StunAttributes.PADDING)) {
            int room = m.length() - b.length() - 4 - (fingerprint ? 8 : 0);
            b.with(StunAttributes.PADDING, new byte[Math.max(0, room)]);
        }
        return (fingerprint ? b.fingerprint() : b).build().bytes();
    }

    /** RFC 3489 section 8.1. Its clients fail on attributes that they do not know. */
    private byte[] classic(Asked asked, int from) {
        StunMessageBuilder b =
                asked.request()
                        .reply(StunClass.SUCCESS)
                        .with(StunAttributes.MAPPED_ADDRESS, asked.source());
        ends.told(from).ifPresent(a -> b.with(StunAttributes.SOURCE_ADDRESS, a));
        if (ends.full()) {
            ends.told(asked.end() ^ 3).ifPresent(a -> b.with(StunAttributes.CHANGED_ADDRESS, a));
        }
        return b.build().bytes();
    }

    /** 420 if something is unknown, else 400; always to the source, from where it asked. */
    private StunAnswer refuse(Asked asked, List<Integer> unknown) {
        StunMessage m = asked.request();
        StunError error = unknown.isEmpty() ? StunError.BAD_REQUEST : StunError.UNKNOWN_ATTRIBUTE;
        counter.accept("stun.refused." + error.code());
        List<Integer> told = new ArrayList<>(unknown);
        if (m.classic()) { // RFC 3489 knows no padding: sections 11.2.9 and 11.2.10
            if (told.size() % 2 == 1) {
                told.add(told.get(0));
            }
            String reason = error.reason();
            error = new StunError(error.code(), reason + " ".repeat(-reason.length() & 3));
        }
        StunMessageBuilder b = m.reply(StunClass.ERROR).with(StunAttributes.ERROR_CODE, error);
        if (!told.isEmpty()) {
            b.with(StunAttributes.UNKNOWN_ATTRIBUTES, told);
        }
        if (m.has(StunAttributes.FINGERPRINT)) {
            b.fingerprint();
        }
        return new StunAnswer(asked.end(), asked.source(), b.build().bytes());
    }

    /** Sources that are remembered now. */
    public int sources() {
        return limiter.sources();
    }
}
