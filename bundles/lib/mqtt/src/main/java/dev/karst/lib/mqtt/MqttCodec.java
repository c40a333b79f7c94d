// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;

/**
 * Bytes to MQTT packets and back for one connection; knows no session. Not thread-safe. {@link
 * #close} frees what it buffers, at most one packet.
 */
public final class MqttCodec implements AutoCloseable {
    /** Longest packet taken from the network, in bytes. */
    public static final int MAX_PACKET = 64 * 1024;

    /** Bounds how many packets of one read exist as objects at a time. */
    private static final int SLICE = 8 * 1024;

    /** Heap and unpooled: no pool of Netty's grows on threads that are not ours. */
    private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false);

    private final EmbeddedChannel channel;
    private boolean closed;

    public MqttCodec() {
        channel = new EmbeddedChannel(new MqttDecoder(MAX_PACKET), MqttEncoder.INSTANCE);
        channel.config().setAllocator(HEAP);
    }

    /** Takes packets in order; a packet's buffers are valid only during the call. */
    @FunctionalInterface
    public interface Sink {
        void packet(MqttMessage packet) throws MqttProtocolException;
    }

    /**
     * Decodes what is whole and keeps the rest. Stops silently when the sink closes this codec.
     *
     * @throws MqttProtocolException if the bytes are no MQTT or a packet is too long; the codec is
     *     of no use then
     */
    public void decode(ByteBuffer bytes, Sink sink) throws MqttProtocolException {
        while (bytes.hasRemaining() && !closed) {
            int n = Math.min(bytes.remaining(), SLICE);
            ByteBuf copy = HEAP.heapBuffer(n, n);
            copy.writeBytes(bytes.slice(bytes.position(), n));
            bytes.position(bytes.position() + n);
            try {
                channel.writeInbound(copy);
            } catch (RuntimeException e) {
                throw new MqttProtocolException("not MQTT", e);
            }
            for (Object m; !closed && (m = channel.readInbound()) != null; ) {
                try {
                    deliver((MqttMessage) m, sink);
                } finally {
                    ReferenceCountUtil.release(m);
                }
            }
        }
    }

    private static void deliver(MqttMessage packet, Sink sink) throws MqttProtocolException {
        if (packet.decoderResult().isFailure()) {
            Throwable cause = packet.decoderResult().cause();
            throw new MqttProtocolException("not MQTT: " + cause.getMessage(), cause);
        }
        sink.packet(packet);
    }

    /**
     * One packet's bytes.
     *
     * @throws RuntimeException if a field does not fit the protocol: a mistake of the caller
     */
    public byte[] encode(MqttMessage packet) {
        channel.writeOutbound(packet);
        ByteBuf encoded = channel.readOutbound();
        try {
            byte[] out = new byte[encoded.readableBytes()];
            encoded.readBytes(out);
            return out;
        } finally {
            encoded.release();
        }
    }

    /** The payload of a publish as a buffer that the encoder may release. */
    public static ByteBuf payload(byte[] bytes) {
        return Unpooled.wrappedBuffer(bytes);
    }

    /** A copy of the payload of a received publish. */
    public static byte[] copy(ByteBuf payload) {
        byte[] out = new byte[payload.readableBytes()];
        payload.getBytes(payload.readerIndex(), out);
        return out;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            channel.finishAndReleaseAll();
        }
    }
}
