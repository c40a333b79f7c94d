// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Runs one shell command in a Karst that runs on this machine. Started as {@code java -cp
 * dev.karst.server.exec.jar dev.karst.server.exec.ExecClient SOCKET COMMAND…}; needs nothing but
 * the JDK. A single word is taken as the command line as it is; of several, each is one argument.
 *
 * <p>Exit status: 0 done, 1 the command failed, 2 nothing is running there or wrong usage, 3 the
 * connection was lost.
 */
public final class ExecClient {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9:._/@%+,=~^#*?-]+");

    private ExecClient() {}

    public static void main(String[] args) {
        if (args.length < 2) {
            System.err.println("usage: ExecClient SOCKET COMMAND [ARGUMENT...]");
            System.exit(2);
        }
        List<String> words = Arrays.asList(args).subList(1, args.length);
        System.exit(run(Path.of(args[0]), line(words), System.out, System.err));
    }

    /** The command line of these words. */
    static String line(List<String> words) {
        return words.size() == 1
                ? words.get(0)
                : words.stream().map(ExecClient::quote).collect(Collectors.joining(" "));
    }

    private static String quote(String word) {
        // A leading # begins a comment, ~ and * are the shell's elsewhere: quote when in doubt.
        if (PLAIN.matcher(word).matches() && !word.startsWith("#")) {
            return word;
        }
        return '"' + word.replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "\\$") + '"';
    }

    /** Runs one command line and copies what it prints; returns the exit status. */
    static int run(Path socket, String line, PrintStream out, PrintStream err) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (line.isBlank() || line.indexOf('\n') >= 0 || bytes.length > Frames.MAX_LINE) {
            err.println("a command is one line of 1 to " + Frames.MAX_LINE + " bytes");
            return 2;
        }
        SocketChannel connected;
        try {
            connected = connect(socket);
        } catch (IOException e) {
            err.println("no Karst runs here (" + socket + ": " + why(e) + "): start it first");
            return 2;
        }
        try (SocketChannel channel = connected) {
            send(channel, ByteBuffer.allocate(bytes.length + 1).put(bytes).put((byte) '\n').flip());
            return Frames.read(
                    new DataInputStream(Channels.newInputStream(channel)),
                    (error, b) -> {
                        PrintStream to = error ? err : out;
                        to.write(b, 0, b.length);
                        to.flush();
                    });
        } catch (IOException e) {
            err.println("connection lost before the command ended: " + why(e));
            return 3;
        }
    }

    private static void send(SocketChannel channel, ByteBuffer request) {
        try {
            while (request.hasRemaining()) {
                channel.write(request);
            }
        } catch (IOException e) {
            // A server that is full says so without listening: its answer is read all the same.
        }
    }

    private static String why(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** Where the path was too long for a socket, the server left the true one beside it. */
    private static SocketChannel connect(Path socket) throws IOException {
        Path at = socket;
        Path pointer = socket.resolveSibling(SocketPlace.POINTER);
        if (!Files.exists(socket) && Files.exists(pointer)) {
            at = Path.of(Files.readString(pointer).trim());
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(at));
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }
}
