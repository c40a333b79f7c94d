// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.testing;

import dev.karst.lib.mqtt.MqttCodec;
import dev.karst.lib.mqtt.MqttProtocolException;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes packets down in words: {@code PUBLISH 1 dup t=hello}. */
public final class Recorder {
    private final MqttCodec codec = new MqttCodec();
    private final List<String> lines = new ArrayList<>();

    public void bytes(byte[] bytes) {
        try {
            codec.decode(ByteBuffer.wrap(bytes), m -> lines.add(words(m)));
        } catch (MqttProtocolException e) {
            throw new AssertionError(e);
        }
    }

    public byte[] encode(MqttMessage packet) {
        return codec.encode(packet);
    }

    public void note(String line) {
        lines.add(line);
    }

    /** What came since the last call. */
    public List<String> take() {
        List<String> out = List.copyOf(lines);
        lines.clear();
        return out;
    }

    private static String words(MqttMessage m) {
        String type = m.fixedHeader().messageType().name();
        if (m instanceof MqttPublishMessage p) {
            return type
                    + (p.fixedHeader().qosLevel().value() == 0
                            ? ""
                            : " " + p.variableHeader().packetId())
                    + (p.fixedHeader().isDup() ? " dup" : "")
                    + (p.fixedHeader().isRetain() ? " retain" : "")
                    + " "
                    + p.variableHeader().topicName()
                    + "="
                    + p.payload().toString(StandardCharsets.UTF_8);
        }
        if (m instanceof MqttConnectMessage c) {
            return type
                    + " "
                    + c.payload().clientIdentifier()
                    + (c.variableHeader().hasUserName()
                            ? " "
                                    + c.payload().userName()
                                    + ":"
                                    + new String(c.payload().passwordInBytes())
                            : "");
        }
        if (m instanceof MqttConnAckMessage c) {
            return type
                    + " "
                    + c.variableHeader().connectReturnCode().byteValue()
                    + (c.variableHeader().isSessionPresent() ? " present" : "");
        }
        if (m instanceof MqttSubscribeMessage s) {
            return type
                    + " "
                    + s.variableHeader().messageId()
                    + " "
                    + s.payload().topicSubscriptions().get(0).topicFilter();
        }
        if (m instanceof MqttUnsubscribeMessage u) {
            return type + " " + u.payload().topics().get(0);
        }
        if (m instanceof MqttSubAckMessage a) {
            return type
                    + " "
                    + a.variableHeader().messageId()
                    + " "
                    + a.payload().grantedQoSLevels();
        }
        if (m.variableHeader() instanceof MqttMessageIdVariableHeader id) {
            return type + " " + id.messageId();
        }
        return type;
    }
}
