// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Reads one HTTP/1.x response (RFC 9112) as its bytes come. Takes at most {@value #MAX_HEAD} bytes
 * of status line, header, chunk sizes and trailer together, and {@value #MAX_BODY} of body. No
 * redirect, no compression. Not thread-safe.
 */
final class HttpReply {
    static final int MAX_HEAD = 8 * 1024;
    static final int MAX_BODY = 256 * 1024;

    private enum Part {
        HEAD,
        COUNTED,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER,
        UNTIL_END,
        DONE
    }

    private final StringBuilder line = new StringBuilder();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private Part part = Part.HEAD;
    private int headBytes;
    private int status;
    private long length = -1;
    private boolean chunked;
    private long left;

    /**
     * Takes what came.
     *
     * @return whether the response is complete; what follows it is ignored
     * @throws UpnpFailure if it is none, or too long
     */
    boolean feed(ByteBuffer in) {
        while (in.hasRemaining() && part != Part.DONE) {
            switch (part) {
                case COUNTED, CHUNK -> take(in, left);
                case UNTIL_END -> take(in, Long.MAX_VALUE);
                default -> octet(in.get());
            }
        }
        return part == Part.DONE;
    }

    /**
     * The connection ended.
     *
     * @throws UpnpFailure if that was too early
     */
    void end() {
        if (part == Part.UNTIL_END) {
            part = Part.DONE;
        }
        if (part != Part.DONE) {
            throw UpnpFailure.garbage(
                    status == 0
                            ? "the gateway hung up without an HTTP answer"
                            : "the gateway's HTTP answer is cut short");
        }
    }

    int status() {
        return status;
    }

    byte[] body() {
        return body.toByteArray();
    }

    private void take(ByteBuffer in, long most) {
        int n = (int) Math.min(in.remaining(), most);
        if (body.size() + n > MAX_BODY) {
            throw tooLong();
        }
        byte[] bytes = new byte[n];
        in.get(bytes);
        body.write(bytes, 0, n);
        if (part != Part.UNTIL_END) {
            left -= n;
            if (left == 0) {
                part = part == Part.CHUNK ? Part.CHUNK_END : Part.DONE;
            }
        }
    }

    private void octet(byte b) {
        if (++headBytes > MAX_HEAD) {
            throw UpnpFailure.garbage(
                    "the header of the gateway's HTTP answer is longer than " + MAX_HEAD);
        }
        if (b != '\n') {
            line.append((char) (b & 0xff));
            return;
        }
        int end = line.length();
        if (end > 0 && line.charAt(end - 1) == '\r') {
            line.setLength(end - 1);
        }
        String text = line.toString();
        line.setLength(0);
        switch (part) {
            case HEAD -> headLine(text);
            case CHUNK_SIZE -> chunkSize(text);
            case CHUNK_END -> {
                if (!text.isEmpty()) {
                    throw UpnpFailure.garbage("a chunk of the gateway's HTTP answer is wrong");
                }
                part = Part.CHUNK_SIZE;
            }
            default -> { // trailer
                if (text.isEmpty()) {
                    part = Part.DONE;
                }
            }
        }
    }

    private void headLine(String text) {
        if (status == 0) {
            statusLine(text);
        } else if (text.isEmpty()) {
            headEnded();
        } else {
            int colon = text.indexOf(':');
            if (colon > 0) {
                String value = text.substring(colon + 1).trim();
                header(text.substring(0, colon).trim().toLowerCase(Locale.ROOT), value);
            }
        }
    }

    private void statusLine(String text) {
        if (text.isEmpty() && headBytes <= 4) {
            return; // RFC 9112 section 2.2: a blank line before
        }
        if (!text.matches("HTTP/1\\.[0-9] [1-5][0-9][0-9]( .*)?")) {
            throw UpnpFailure.garbage(
                    "the gateway's answer is not HTTP: " + Foreign.text(text, 40));
        }
        status = Integer.parseInt(text.substring(9, 12));
    }

    private void header(String name, String value) {
        switch (name) {
            case "content-length" -> {
                long n = Foreign.number(value, Long.MAX_VALUE);
                if (n < 0 || length >= 0 && n != length) {
                    throw UpnpFailure.garbage(
                            "the length of the gateway's HTTP answer is wrong: "
                                    + Foreign.text(value, 40));
                }
                length = n;
            }
            case "transfer-encoding" -> {
                if (value.equalsIgnoreCase("chunked")) {
                    chunked = true;
                } else if (!value.equalsIgnoreCase("identity")) {
                    throw encoding(value);
                }
            }
            case "content-encoding" -> {
                if (!value.isEmpty() && !value.equalsIgnoreCase("identity")) {
                    throw encoding(value);
                }
            }
            default -> {}
        }
    }

    private static UpnpFailure encoding(String value) {
        return UpnpFailure.garbage(
                "the gateway's HTTP answer is encoded as " + Foreign.text(value, 40));
    }

    private static UpnpFailure tooLong() {
        return UpnpFailure.garbage("the gateway's HTTP answer is longer than " + MAX_BODY);
    }

    private void headEnded() {
        if (status < 200) { // "continue" and the like: the real one follows
            status = 0;
            length = -1;
            chunked = false;
            return;
        }
        if (status >= 300 && status < 400) {
            throw UpnpFailure.forbidden("the gateway redirects, which is not followed");
        }
        if (status == 204) {
            part = Part.DONE;
        } else if (chunked) {
            part = Part.CHUNK_SIZE;
        } else if (length < 0) {
            part = Part.UNTIL_END;
        } else if (length > MAX_BODY) {
            throw tooLong();
        } else {
            left = length;
            part = length == 0 ? Part.DONE : Part.COUNTED;
        }
    }

    private void chunkSize(String text) {
        int end = 0;
        while (end < text.length() && Character.digit(text.charAt(end), 16) >= 0) {
            end++;
        }
        String rest = text.substring(end).trim();
        if (end == 0 || end > 7 || !rest.isEmpty() && !rest.startsWith(";")) {
            throw UpnpFailure.garbage("a chunk of the gateway's HTTP answer is wrong");
        }
        left = Integer.parseInt(text.substring(0, end), 16);
        part = left == 0 ? Part.TRAILER : Part.CHUNK;
    }
}
