// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The forms of values that are no addresses and no errors. */
final class Values {
    static final StunValue<Long> UINT32 =
            of(
                    in -> exactly(in, 4) ? in.getInt() & 0xffffffffL : null,
                    v -> ByteBuffer.allocate(4).putInt((int) checked(v, 0xffffffffL)));
    static final StunValue<Long> UINT64 =
            of(in -> exactly(in, 8) ? in.getLong() : null, v -> ByteBuffer.allocate(8).putLong(v));

    /** 16 bits and 16 reserved ones, which some leave out. */
    static final StunValue<Integer> UINT16 =
            of(
                    in -> exactly(in, 4) || exactly(in, 2) ? in.getShort() & 0xffff : null,
                    v -> ByteBuffer.allocate(4).putShort((short) checked(v, 0xffff)));

    static final StunValue<Integer> BYTE_OF_4 =
            of(
                    in -> exactly(in, 4) ? in.get() & 0xff : null,
                    v -> ByteBuffer.allocate(4).put((byte) checked(v, 0xff)));
    static final StunValue<Boolean> FLAG =
            of(in -> exactly(in, 0) ? true : null, v -> ByteBuffer.allocate(0));
    static final StunValue<Boolean> EVEN =
            of(
                    in -> exactly(in, 1) ? in.get() < 0 : null,
                    v -> ByteBuffer.allocate(1).put((byte) (v ? 0x80 : 0)));
    static final StunValue<ChangeRequest> CHANGE =
            of(
                    in -> exactly(in, 4) ? change(in.getInt()) : null,
                    v -> ByteBuffer.allocate(4).putInt((v.ip() ? 4 : 0) | (v.port() ? 2 : 0)));
    static final StunValue<List<Integer>> TYPES = of(Values::readTypes, Values::writeTypes);
    static final StunValue<List<PasswordAlgorithm>> ALGORITHMS =
            of(Values::readAlgorithms, Values::writeAlgorithms);
    static final StunValue<PasswordAlgorithm> ALGORITHM =
            of(Values::readAlgorithm, v -> writeAlgorithms(List.of(v)));

    private Values() {}

    private static <T> StunValue<T> of(
            Function<ByteBuffer, T> reader, Function<T, ByteBuffer> writer) {
        return of((in, id) -> reader.apply(in), (v, id) -> writer.apply(v).array());
    }

    static <T> StunValue<T> of(
            BiFunction<ByteBuffer, byte[], T> reader, BiFunction<T, byte[], byte[]> writer) {
        return new StunValue<>() {
            @Override
            public T read(ByteBuffer in, byte[] id) {
                return reader.apply(in, id);
            }

            @Override
            public byte[] write(T value, byte[] id) {
                return writer.apply(value, id);
            }
        };
    }

    /** UTF-8 of so many bytes at most. */
    static StunValue<String> text(int max) {
        return of(
                in -> in.remaining() > max ? null : string(in),
                v -> {
                    byte[] utf8 = v.getBytes(StandardCharsets.UTF_8);
                    checked(utf8.length, max);
                    return ByteBuffer.wrap(utf8);
                });
    }

    static StunValue<byte[]> bytes(int min, int max) {
        return of(
                in -> {
                    if (in.remaining() < min || in.remaining() > max) {
                        return null;
                    }
                    byte[] out = new byte[in.remaining()];
                    in.get(out);
                    return out;
                },
                v -> {
                    if (v.length < min || v.length > max) {
                        throw new IllegalArgumentException("length: " + v.length);
                    }
                    return ByteBuffer.wrap(v.clone());
                });
    }

    /** Null if it is not UTF-8. */
    static String string(ByteBuffer in) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(in).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static boolean exactly(ByteBuffer in, int length) {
        return in.remaining() == length;
    }

    private static long checked(long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("0 to " + max + " expected: " + value);
        }
        return value;
    }

    private static ChangeRequest change(int flags) {
        return new ChangeRequest((flags & 4) != 0, (flags & 2) != 0);
    }

    private static List<Integer> readTypes(ByteBuffer in) {
        if (in.remaining() % 2 != 0) {
            return null;
        }
        List<Integer> out = new ArrayList<>();
        while (in.hasRemaining()) {
            out.add(in.getShort() & 0xffff);
        }
        return List.copyOf(out);
    }

    private static ByteBuffer writeTypes(List<Integer> types) {
        ByteBuffer out = ByteBuffer.allocate(2 * types.size());
        types.forEach(t -> out.putShort((short) checked(t, 0xffff)));
        return out;
    }

    private static PasswordAlgorithm readAlgorithm(ByteBuffer in) {
        int number = in.getShort() & 0xffff;
        byte[] parameters = new byte[in.getShort() & 0xffff];
        in.get(parameters);
        in.position(Math.min(in.limit(), in.position() + (-parameters.length & 3)));
        return new PasswordAlgorithm(number, HexFormat.of().formatHex(parameters));
    }

    private static List<PasswordAlgorithm> readAlgorithms(ByteBuffer in) {
        List<PasswordAlgorithm> out = new ArrayList<>();
        while (in.hasRemaining()) {
            out.add(readAlgorithm(in));
        }
        return List.copyOf(out);
    }

    private static ByteBuffer writeAlgorithms(List<PasswordAlgorithm> all) {
        int size = 0;
        for (PasswordAlgorithm a : all) {
            size += 4 + (a.parameters().length() / 2 + 3 & ~3);
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        for (PasswordAlgorithm a : all) {
            byte[] parameters = HexFormat.of().parseHex(a.parameters());
            out.putShort((short) a.number()).putShort((short) parameters.length).put(parameters);
            out.position(out.position() + (-parameters.length & 3));
        }
        return out;
    }
}
