// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunKeys;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.StunMethod;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The messages: made, and checked for who made them. RFC 8445 section 7, RFC 8489 section 9.1. */
final class Messages {
    private final String outgoing;
    private final String incoming;
    private final byte[] localKey;
    private final byte[] remoteKey;
    private final RandomGenerator random;

    Messages(IceCredentials local, IceCredentials remote, RandomGenerator random) {
        outgoing = remote.ufrag() + ":" + local.ufrag();
        incoming = local.ufrag() + ":" + remote.ufrag();
        localKey = StunKeys.shortTerm(local.password());
        remoteKey = StunKeys.shortTerm(remote.password());
        this.random = random;
    }

    StunMessage request(Base from, Role role, boolean nominate) {
        byte[] id = new byte[12];
        random.nextBytes(id);
        StunMessageBuilder b =
                StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, id)
                        .with(StunAttributes.USERNAME, outgoing)
                        .with(StunAttributes.PRIORITY, from.checkPriority())
                        .with(
                                role.controlling()
                                        ? StunAttributes.ICE_CONTROLLING
                                        : StunAttributes.ICE_CONTROLLED,
                                role.tieBreaker());
        if (nominate) {
            b.with(StunAttributes.USE_CANDIDATE, true);
        }
        return b.integrity(remoteKey).fingerprint().build();
    }

    StunMessage success(StunMessage request, InetSocketAddress from) {
        return request.reply(StunClass.SUCCESS)
                .with(StunAttributes.XOR_MAPPED_ADDRESS, from)
                .integrity(localKey)
                .fingerprint()
                .build();
    }

    StunMessage refusal(StunMessage request, StunError error) {
        StunMessageBuilder b =
                request.reply(StunClass.ERROR).with(StunAttributes.ERROR_CODE, error);
        if (error.code() == StunError.UNKNOWN_ATTRIBUTE.code()) {
            b.with(StunAttributes.UNKNOWN_ATTRIBUTES, unknown(request));
        }
        boolean stranger =
                error.code() == StunError.UNAUTHENTICATED.code() || !request.integrity(localKey);
        return (stranger ? b : b.integrity(localKey)).fingerprint().build();
    }

    /** Why a request is not the peer's, or cannot be answered; nothing if it is fine. */
    Optional<StunError> problem(StunMessage request) {
        if (!request.fingerprint()
                || !request.has(StunAttributes.MESSAGE_INTEGRITY)
                || request.get(StunAttributes.USERNAME).isEmpty()) {
            return Optional.of(StunError.BAD_REQUEST);
        }
        if (!incoming.equals(request.get(StunAttributes.USERNAME).get())
                || !request.integrity(localKey)) {
            return Optional.of(StunError.UNAUTHENTICATED);
        }
        if (!unknown(request).isEmpty()) {
            return Optional.of(StunError.UNKNOWN_ATTRIBUTE);
        }
        if (request.get(StunAttributes.PRIORITY).isEmpty()
                || request.malformed(StunAttributes.ICE_CONTROLLED)
                || request.malformed(StunAttributes.ICE_CONTROLLING)) {
            return Optional.of(StunError.BAD_REQUEST);
        }
        return Optional.empty();
    }

    private static List<Integer> unknown(StunMessage request) {
        return request.unknown(
                StunAttributes.USERNAME,
                StunAttributes.MESSAGE_INTEGRITY,
                StunAttributes.MESSAGE_INTEGRITY_SHA256,
                StunAttributes.PRIORITY,
                StunAttributes.USE_CANDIDATE);
    }

    /** Whether an answer is the peer's. */
    boolean genuine(StunMessage answer) {
        return answer.integrity(remoteKey)
                && (!answer.has(StunAttributes.FINGERPRINT) || answer.fingerprint());
    }
}
