// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.identity;

import dev.karst.KeyCertificate;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.core.nat.ProfileWire;
import dev.karst.lib.noise.JdkPrimitives;
import dev.karst.lib.noise.NoisePrimitives;
import dev.karst.lib.noise.NoiseX;
import dev.karst.lib.record.Certificates;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Seals and opens signals: Noise X to the peer's certified seal key. Numbered, so that a repeated
 * signal is taken once.
 *
 * <pre>
 *  sealed: version 1 (1) | type (1) | recipient (32) | boot id (8) | counter (8) | attempt (16)
 *          | lifetime s (1) | length (2) | sender's PeerAddress, text
 *          | parts: tag (1) | length (2) | value
 * </pre>
 *
 * The parts are what came later: tag 1 is the sender's NAT for IPv4, tag 2 for IPv6 ({@link
 * ProfileWire}), tag 3 a strategy's message: length (1), name, bytes; tag 4, empty, asks for direct
 * paths only. Unknown ones are skipped.
 */
public final class SignalBox {
    /** What a signal is for. */
    public enum Type {
        OFFER,
        ANSWER,
        /** From a strategy to the same one of the same attempt. */
        MESSAGE
    }

    /**
     * What a strategy says to its other side.
     *
     * @param strategy its name, at most 64 characters
     */
    public record Message(String strategy, byte[] bytes) {}

    /**
     * What goes into a signal beside the address.
     *
     * @param directOnly whether an offer asks for direct paths only, since a relayed one is in use
     */
    public record Content(NatProfile nat, Optional<Message> message, boolean directOnly) {
        public static Content of(NatProfile nat) {
            return new Content(nat, Optional.empty(), false);
        }

        public static Content offer(NatProfile nat, boolean directOnly) {
            return new Content(nat, Optional.empty(), directOnly);
        }

        public static Content of(Message message) {
            return new Content(NatProfile.unknown(), Optional.of(message), false);
        }
    }

    /**
     * An opened signal; {@code from} proved its keys.
     *
     * @param content the NAT in it is what the sender says of its own
     */
    public record Signal(Type type, String attempt, PeerAddress from, Content content) {}

    /** Longest lifetime, in seconds, counted from receipt. */
    public static final int LIFETIME_SECONDS = 30;

    private static final byte[] LABEL = "karst signal 1".getBytes(StandardCharsets.US_ASCII);
    private static final int SENDERS = 1024;
    private static final int IPV4 = 1;
    private static final int IPV6 = 2;
    private static final int MESSAGE = 3;
    private static final int DIRECT_ONLY = 4;

    /** Longest message of a strategy, in bytes. */
    public static final int MAX_MESSAGE = 1024;

    private final Identity identity;
    private final SecureRandom random;
    private final NoisePrimitives noise = new JdkPrimitives();
    private final long bootId;
    private final AtomicLong counter = new AtomicLong();

    private record Sender(PeerId id, long bootId) {}

    private final LinkedHashMap<Sender, Long> highest =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Sender, Long> eldest) {
                    return size() > SENDERS;
                }
            };

    /** Keys whose certificates were checked: a signature costs more than all else of a signal. */
    private record Keys(KeyCertificate handshake, KeyCertificate seal) {}

    private final LinkedHashMap<PeerId, Keys> proven =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<PeerId, Keys> eldest) {
                    return size() > SENDERS;
                }
            };

    public SignalBox(Identity identity, SecureRandom random) {
        this.identity = identity;
        this.random = random;
        this.bootId = random.nextLong();
    }

    /** Seals a signal; {@code own} is our address with places. */
    public byte[] seal(PeerAddress to, Type type, String attempt, PeerAddress own, Content content)
            throws GeneralSecurityException {
        byte[] text = own.toString().getBytes(StandardCharsets.US_ASCII);
        byte[] parts = parts(content);
        ByteBuffer plain = ByteBuffer.allocate(69 + text.length + parts.length);
        plain.put((byte) 1).put((byte) type.ordinal()).put(to.id().bytes());
        plain.putLong(bootId).putLong(counter.incrementAndGet());
        plain.put(HexFormat.of().parseHex(attempt)).put((byte) LIFETIME_SECONDS);
        plain.putShort((short) text.length).put(text).put(parts);
        return NoiseX.seal(
                noise,
                to.sealKey().key(),
                identity.handshakeKey().privateKey(),
                identity.handshakeKey().publicKey(),
                prologue(to.id()),
                plain.array(),
                random);
    }

    private static byte[] parts(Content content) {
        ByteBuffer out = ByteBuffer.allocate(512 + MAX_MESSAGE);
        content.nat().ipv4().ifPresent(n -> part(out, IPV4, ProfileWire.write(n)));
        content.nat().ipv6().ifPresent(n -> part(out, IPV6, ProfileWire.write(n)));
        content.message().ifPresent(m -> part(out, MESSAGE, message(m)));
        if (content.directOnly()) {
            part(out, DIRECT_ONLY, new byte[0]);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void part(ByteBuffer out, int tag, byte[] value) {
        out.put((byte) tag).putShort((short) value.length).put(value);
    }

    private static byte[] message(Message m) {
        byte[] name = m.strategy().getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(1 + name.length + m.bytes().length)
                .put((byte) name.length)
                .put(name)
                .put(m.bytes())
                .array();
    }

    private static Content content(ByteBuffer in) {
        NatProfile nat = NatProfile.unknown();
        Optional<Message> message = Optional.empty();
        boolean directOnly = false;
        while (in.hasRemaining()) {
            int tag = in.get();
            int length = in.getShort() & 0xffff;
            ByteBuffer value = in.slice(in.position(), length);
            in.position(in.position() + length);
            switch (tag) {
                case IPV4 -> nat = with(nat, value, true);
                case IPV6 -> nat = with(nat, value, false);
                case MESSAGE -> message = Optional.of(message(value));
                case DIRECT_ONLY -> directOnly = true;
                default -> {} // of a later release
            }
        }
        return new Content(nat, message, directOnly);
    }

    private static NatProfile with(NatProfile p, ByteBuffer value, boolean ipv4) {
        Optional<NatBehavior> nat = Optional.of(ProfileWire.read(value));
        return ipv4 ? new NatProfile(nat, p.ipv6()) : new NatProfile(p.ipv4(), nat);
    }

    private static Message message(ByteBuffer in) {
        byte[] name = new byte[in.get() & 0xff];
        in.get(name);
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return new Message(new String(name, StandardCharsets.US_ASCII), bytes);
    }

    private static byte[] prologue(PeerId to) {
        return ByteBuffer.allocate(LABEL.length + 32).put(LABEL).put(to.bytes()).array();
    }

    /**
     * Opens a signal.
     *
     * @throws GeneralSecurityException if it is forged, repeated, malformed or not for us
     */
    public Signal open(byte[] sealed) throws GeneralSecurityException {
        NoiseX.Opened opened =
                NoiseX.open(
                        noise,
                        identity.sealKey().privateKey(),
                        identity.sealKey().publicKey(),
                        prologue(identity.id()),
                        sealed);
        try {
            ByteBuffer in = ByteBuffer.wrap(opened.payload());
            int version = in.get();
            int type = in.get();
            byte[] to = new byte[32];
            in.get(to);
            if (version != 1
                    || type < 0
                    || type >= Type.values().length
                    || !Arrays.equals(to, identity.id().bytes())) {
                throw new GeneralSecurityException("signal of another kind or for another peer");
            }
            long boot = in.getLong();
            long number = in.getLong();
            byte[] attempt = new byte[16];
            in.get(attempt);
            in.get(); // the lifetime counts from receipt: we act at once or never
            byte[] text = new byte[in.getShort() & 0xffff];
            in.get(text);
            PeerAddress from = PeerAddress.parse(new String(text, StandardCharsets.US_ASCII));
            Content content = content(in);
            if (!Arrays.equals(from.handshakeKey().key(), opened.senderStatic()) || !proven(from)) {
                throw new GeneralSecurityException("signal from an unproven sender");
            }
            if (!fresh(from.id(), boot, number)) {
                throw new GeneralSecurityException("repeated signal");
            }
            return new Signal(
                    Type.values()[type], HexFormat.of().formatHex(attempt), from, content);
        } catch (BufferUnderflowException
                | IllegalArgumentException
                | IndexOutOfBoundsException e) {
            throw new GeneralSecurityException("malformed signal", e);
        }
    }

    private boolean proven(PeerAddress a) {
        Keys keys = new Keys(a.handshakeKey(), a.sealKey());
        synchronized (this) {
            if (keys.equals(proven.get(a.id()))) {
                return true;
            }
        }
        boolean genuine = genuine(a);
        if (genuine) {
            synchronized (this) {
                proven.put(a.id(), keys);
            }
        }
        return genuine;
    }

    /** Whether both keys of an address are certified by its peer. */
    public static boolean genuine(PeerAddress a) {
        return Certificates.valid(a.id(), Certificates.HANDSHAKE, a.handshakeKey())
                && Certificates.valid(a.id(), Certificates.SEAL, a.sealKey());
    }

    /** Reordered signals are rare and repeated by their sender: only the newest is taken. */
    private synchronized boolean fresh(PeerId from, long boot, long number) {
        Sender s = new Sender(from, boot);
        Long last = highest.get(s);
        if (last != null && number <= last) {
            return false;
        }
        highest.put(s, number);
        return true;
    }
}
