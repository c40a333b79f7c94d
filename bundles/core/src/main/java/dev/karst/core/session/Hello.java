// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.crypto.CryptoProvider.Pattern;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The clear-text part of a handshake (docs/wire.md, "Path frames"): what INIT says before its Noise
 * message. All of it enters the Noise prologue, so that nobody can change an offer unnoticed.
 *
 * @param epoch number of the epoch this handshake opens, modulo 256
 * @param attempt id of the attempt that found the path, 16 bytes
 * @param offers suite codes of the initiator, best first
 * @param chosen code of the suite the Noise message is in
 * @param answered the responder's suites as a REFUSE told them; empty on a first try
 */
record Hello(
        int epoch,
        Pattern pattern,
        int features,
        byte[] attempt,
        List<Integer> offers,
        int chosen,
        List<Integer> answered) {
    /** Kinds of path frames: the first byte. */
    static final byte INIT = 1;

    static final byte REPLY = 2;
    static final byte FINISH = 3;
    static final byte REFUSE = 4;
    static final byte RECORD = 5;

    /** The one version there is. */
    static final byte VERSION = 1;

    /** Feature bits this release understands: none is optional yet. */
    static final int FEATURES = 0;

    /** Why a handshake is refused. */
    static final byte NO_VERSION = 1;

    static final byte NO_SUITE = 2;
    static final byte CANNOT_OPEN = 3;
    static final byte NOT_PERMITTED = 4;
    static final byte BUSY = 5;
    static final byte NO_CRYPTO = 6;
    static final byte BAD_OFFER = 7;

    private static final byte[] LABEL = "karst path 1".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_SUITES = 16;

    static int code(String suite) {
        return switch (suite) {
            case CryptoProvider.AESGCM -> 1;
            case CryptoProvider.CHACHAPOLY -> 2;
            default -> 0;
        };
    }

    static String suite(int code) {
        return switch (code) {
            case 1 -> CryptoProvider.AESGCM;
            case 2 -> CryptoProvider.CHACHAPOLY;
            default -> "";
        };
    }

    /** INIT up to the Noise message. */
    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(8 + 16 + 3 + offers.size() + answered.size());
        out.put(INIT).put(VERSION).put((byte) epoch).put((byte) pattern.ordinal());
        out.putInt(features).put(attempt);
        list(out, offers);
        out.put((byte) chosen);
        list(out, answered);
        return out.array();
    }

    private static void list(ByteBuffer out, List<Integer> codes) {
        out.put((byte) codes.size());
        codes.forEach(c -> out.put(c.byteValue()));
    }

    /** Reads INIT from its first byte; leaves {@code in} at the Noise message. */
    static Hello decode(ByteBuffer in) throws WireException {
        try {
            if (in.get() != INIT) {
                throw new WireException("not an INIT");
            }
            if (in.get() != VERSION) {
                throw new WireException("version");
            }
            int epoch = in.get() & 0xff;
            int pattern = in.get();
            if (pattern < 0 || pattern >= Pattern.values().length) {
                throw new WireException("pattern");
            }
            int features = in.getInt();
            byte[] attempt = new byte[16];
            in.get(attempt);
            List<Integer> offers = list(in);
            int chosen = in.get() & 0xff;
            List<Integer> answered = list(in);
            if (!offers.contains(chosen)) {
                throw new WireException("chosen suite was not offered");
            }
            return new Hello(
                    epoch, Pattern.values()[pattern], features, attempt, offers, chosen, answered);
        } catch (BufferUnderflowException e) {
            throw new WireException("INIT is cut off");
        }
    }

    static List<Integer> list(ByteBuffer in) throws WireException {
        int n = in.get() & 0xff;
        if (n > MAX_SUITES) {
            throw new WireException("too many suites");
        }
        List<Integer> out = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            out.add(in.get() & 0xff);
        }
        return out;
    }

    byte[] prologue(byte[] binding) {
        byte[] init = encode();
        return ByteBuffer.allocate(LABEL.length + init.length + binding.length)
                .put(LABEL)
                .put(init)
                .put(binding)
                .array();
    }

    /** A REFUSE frame. */
    static ByteBuffer refuse(int epoch, byte code, List<Integer> suites) {
        ByteBuffer out = ByteBuffer.allocate(4 + suites.size());
        out.put(REFUSE).put((byte) epoch).put(code);
        list(out, suites);
        return out.flip();
    }

    /** What is left in the frame. */
    static byte[] bytes(ByteBuffer frame) {
        byte[] out = new byte[frame.remaining()];
        frame.get(out);
        return out;
    }

    static ByteBuffer join(byte[] head, byte[] tail) {
        return ByteBuffer.allocate(head.length + tail.length).put(head).put(tail).flip();
    }
}
