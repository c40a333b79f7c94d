// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.record;

import dev.karst.Endpoint;
import dev.karst.KeyCertificate;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a peer says of itself in public. The number orders its records; the lifetime, in seconds,
 * counts from receipt (clocks lie).
 */
public record PeerRecord(
        PeerId id,
        long number,
        long lifetimeSeconds,
        KeyCertificate handshakeKey,
        KeyCertificate sealKey,
        List<Endpoint> signaling) {
    /** Longest encoding, in bytes. */
    public static final int MAX_SIZE = 16 * 1024;

    /** Longest lifetime: 30 days. */
    public static final long MAX_LIFETIME_SECONDS = 30L * 24 * 3600;

    private static final byte[] LABEL = "karst record 1".getBytes(StandardCharsets.US_ASCII);
    private static final int SIGNATURE = 64;

    public PeerRecord {
        signaling = List.copyOf(signaling);
        if (number < 1
                || lifetimeSeconds < 1
                || lifetimeSeconds > MAX_LIFETIME_SECONDS
                || signaling.size() > PeerAddress.MAX_ENDPOINTS) {
            throw new IllegalArgumentException("number, lifetime or endpoints out of range");
        }
    }

    /** The signed encoding. */
    public byte[] sign(byte[] seed) {
        ByteBuffer out = ByteBuffer.allocate(MAX_SIZE);
        out.put((byte) 'K').put((byte) 'R').put((byte) 1).put(id.bytes());
        out.putLong(number).putInt((int) lifetimeSeconds);
        Certificates.write(out, handshakeKey);
        Certificates.write(out, sealKey);
        out.put((byte) signaling.size());
        for (Endpoint e : signaling) {
            byte[] utf8 = e.toString().getBytes(StandardCharsets.UTF_8);
            out.putShort((short) utf8.length).put(utf8);
        }
        byte[] body = Arrays.copyOf(out.array(), out.position());
        return ByteBuffer.allocate(body.length + SIGNATURE)
                .put(body)
                .put(Ed25519.sign(seed, LABEL, body))
                .array();
    }

    /**
     * Parses a record and checks all three signatures.
     *
     * @throws IllegalArgumentException if it is malformed or not signed by its peer; the message
     *     says why
     */
    public static PeerRecord verify(byte[] bytes) {
        PeerRecord r;
        if (bytes.length > MAX_SIZE) {
            throw new IllegalArgumentException("record longer than " + MAX_SIZE);
        }
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            if (in.get() != 'K' || in.get() != 'R') {
                throw new IllegalArgumentException("not a record");
            }
            int version = in.get();
            if (version != 1) {
                throw new IllegalArgumentException("record version " + version + " is not known");
            }
            byte[] id = new byte[PeerId.SIZE];
            in.get(id);
            r =
                    new PeerRecord(
                            PeerId.of(id),
                            in.getLong(),
                            in.getInt() & 0xffffffffL,
                            Certificates.read(in),
                            Certificates.read(in),
                            endpoints(in));
            if (in.remaining() != SIGNATURE) {
                throw new IllegalArgumentException("record has a wrong length");
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("record is cut off", e);
        }
        byte[] body = Arrays.copyOf(bytes, bytes.length - SIGNATURE);
        byte[] signature = Arrays.copyOfRange(bytes, body.length, bytes.length);
        if (!Ed25519.verify(r.id, signature, LABEL, body)) {
            throw new IllegalArgumentException("record is not signed by its peer");
        }
        if (!Certificates.valid(r.id, Certificates.HANDSHAKE, r.handshakeKey)
                || !Certificates.valid(r.id, Certificates.SEAL, r.sealKey)) {
            throw new IllegalArgumentException("record names a key its peer did not certify");
        }
        return r;
    }

    private static List<Endpoint> endpoints(ByteBuffer in) {
        int n = in.get() & 0xff;
        if (n > PeerAddress.MAX_ENDPOINTS) {
            throw new IllegalArgumentException("too many endpoints");
        }
        List<Endpoint> out = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            byte[] utf8 = new byte[in.getShort() & 0xffff];
            in.get(utf8);
            out.add(Endpoint.parse(new String(utf8, StandardCharsets.UTF_8)));
        }
        return out;
    }

    /** The address this record stands for, without places. */
    public PeerAddress address() {
        return new PeerAddress(id, handshakeKey, sealKey, signaling, List.of());
    }
}
