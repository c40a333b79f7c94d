// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What one person hands another so that their nodes can meet: who the peer is, the certificates of
 * its handshake and seal keys, how to signal it, and (only when its owner shared them on purpose)
 * where it might be.
 *
 * <p>The text form is {@code karst1.} and base64url. Parsing checks form and limits; the core
 * checks the signatures before it uses the keys.
 *
 * @param id the peer
 * @param handshakeKey certificate of the Noise static key
 * @param sealKey certificate of the key that signals are sealed to
 * @param signaling where signals reach it; at most {@value #MAX_ENDPOINTS}
 * @param candidates endpoints to try directly; usually empty; at most {@value #MAX_ENDPOINTS}
 */
public record PeerAddress(
        PeerId id,
        KeyCertificate handshakeKey,
        KeyCertificate sealKey,
        List<Endpoint> signaling,
        List<Endpoint> candidates) {
    /** Most endpoints of each kind. */
    public static final int MAX_ENDPOINTS = 16;

    private static final String PREFIX = "karst1.";
    private static final int MAX_TEXT = 32 * 1024;

    public PeerAddress {
        signaling = List.copyOf(signaling);
        candidates = List.copyOf(candidates);
        if (signaling.size() > MAX_ENDPOINTS || candidates.size() > MAX_ENDPOINTS) {
            throw new IllegalArgumentException("more than " + MAX_ENDPOINTS + " endpoints");
        }
    }

    /**
     * Parses {@link #toString()}.
     *
     * @throws IllegalArgumentException if the text is not a peer address; the message says why
     */
    public static PeerAddress parse(String text) {
        String t = text.trim();
        if (!t.startsWith(PREFIX)) {
            throw new IllegalArgumentException(
                    "not a peer address: it starts with \"" + PREFIX + "\"");
        }
        if (t.length() > MAX_TEXT) {
            throw new IllegalArgumentException("not a peer address: too long");
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(t.substring(PREFIX.length()));
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            PeerAddress a =
                    new PeerAddress(
                            PeerId.of(in.readNBytes(PeerId.SIZE)),
                            readCertificate(in),
                            readCertificate(in),
                            readEndpoints(in),
                            readEndpoints(in));
            if (in.available() > 0) {
                throw new IllegalArgumentException("trailing bytes");
            }
            return a;
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "not a peer address (cut off or altered?): " + e.getMessage(), e);
        }
    }

    private static KeyCertificate readCertificate(DataInputStream in) throws IOException {
        return new KeyCertificate(in.readNBytes(32), in.readLong(), in.readNBytes(64));
    }

    private static List<Endpoint> readEndpoints(DataInputStream in) throws IOException {
        int n = in.readUnsignedByte();
        if (n > MAX_ENDPOINTS) {
            throw new IllegalArgumentException("more than " + MAX_ENDPOINTS + " endpoints");
        }
        List<Endpoint> out = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            int length = in.readUnsignedShort();
            byte[] utf8 = in.readNBytes(length);
            if (utf8.length != length) {
                throw new IOException("cut off");
            }
            out.add(Endpoint.parse(new String(utf8, StandardCharsets.UTF_8)));
        }
        return out;
    }

    /** The same address that also names places to try directly: publishes where this peer is. */
    public PeerAddress withCandidates(List<Endpoint> places) {
        return new PeerAddress(id, handshakeKey, sealKey, signaling, places);
    }

    @Override
    public String toString() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(id.bytes());
            writeCertificate(out, handshakeKey);
            writeCertificate(out, sealKey);
            writeEndpoints(out, signaling);
            writeEndpoints(out, candidates);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
    }

    private static void writeCertificate(DataOutputStream out, KeyCertificate c)
            throws IOException {
        out.write(c.key());
        out.writeLong(c.number());
        out.write(c.signature());
    }

    private static void writeEndpoints(DataOutputStream out, List<Endpoint> endpoints)
            throws IOException {
        out.writeByte(endpoints.size());
        for (Endpoint e : endpoints) {
            byte[] utf8 = e.toString().getBytes(StandardCharsets.UTF_8);
            out.writeShort(utf8.length);
            out.write(utf8);
        }
    }
}
