// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** A request whose sender proved who it is; how to answer it. */
record Asked(
        int end,
        TurnLink link,
        StunMessage message,
        Authenticator.Proven who,
        Consumer<String> counter) {
    StunMessageBuilder success() {
        return message.reply(StunClass.SUCCESS);
    }

    /** Sends it; gives its bytes. */
    byte[] send(StunMessageBuilder b) {
        byte[] bytes = who.seal(b, message);
        link.send(ByteBuffer.wrap(bytes));
        return bytes;
    }

    void refuse(StunError error) {
        counter.accept("turn.refused." + error.code());
        send(message.reply(StunClass.ERROR).with(StunAttributes.ERROR_CODE, error));
    }

    void refuse(StunMessageBuilder b, StunError error) {
        counter.accept("turn.refused." + error.code());
        send(b);
    }

    boolean again(Allocation a) {
        return a.transaction != null && Arrays.equals(a.transaction, message.transactionId());
    }
}
