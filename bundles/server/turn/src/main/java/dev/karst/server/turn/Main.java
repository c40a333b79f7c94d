// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The server alone, in the foreground: {@code java -cp dev.karst.server.turn.jar
 * dev.karst.server.turn.Main [PORT [ALTERNATE-PORT]] ADDRESS... [KEY=VALUE...]}, the keys being the
 * settings of the relay, or {@code @FILE} with a line for each. Prints a line {@code LISTENING
 * stun:host:port ...} when it is ready; ends when killed.
 */
public final class Main {
    private Main() {}

    /** See above. */
    public static void main(String[] args) throws InterruptedException {
        List<String> addresses = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        Map<String, String> relay = new HashMap<>();
        for (String arg : args) {
            if (arg.startsWith("@")) {
                try {
                    Files.readAllLines(Path.of(arg.substring(1))).forEach(l -> set(relay, l));
                } catch (IOException e) {
                    System.err.println("cannot read " + arg);
                    System.exit(1);
                }
            } else if (arg.contains("=")) {
                set(relay, arg);
            } else if (arg.matches("-?[0-9]+")) {
                ports.add(Integer.parseInt(arg));
            } else {
                addresses.add(arg);
            }
        }
        int port = ports.isEmpty() ? 3478 : ports.get(0);
        int alternate = ports.size() < 2 ? port == 0 ? 0 : port + 1 : ports.get(1);
        try (TurnListener listener = TurnListener.open(addresses, port, alternate, relay)) {
            System.out.println("LISTENING " + String.join(" ", listener.urls()));
            Thread.currentThread().join();
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void set(Map<String, String> relay, String line) {
        int equals = line.indexOf('=');
        if (equals > 0) {
            relay.put(line.substring(0, equals).trim(), line.substring(equals + 1).trim());
        }
    }
}
