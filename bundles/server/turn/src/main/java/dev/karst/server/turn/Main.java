// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import java.util.ArrayList;
import java.util.List;

/**
 * The server alone, in the foreground: {@code java -cp dev.karst.server.turn.jar
 * dev.karst.server.turn.Main [PORT [ALTERNATE-PORT]] ADDRESS...}. Prints a line {@code LISTENING
 * stun:host:port ...} when it is ready; ends when killed.
 */
public final class Main {
    private Main() {}

    /** See above. */
    public static void main(String[] args) throws InterruptedException {
        List<String> addresses = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        for (String arg : args) {
            if (arg.matches("-?[0-9]+")) {
                ports.add(Integer.parseInt(arg));
            } else {
                addresses.add(arg);
            }
        }
        int port = ports.isEmpty() ? 3478 : ports.get(0);
        int alternate = ports.size() < 2 ? port == 0 ? 0 : port + 1 : ports.get(1);
        try (TurnListener listener = TurnListener.open(addresses, port, alternate)) {
            System.out.println("LISTENING " + String.join(" ", listener.urls()));
            Thread.currentThread().join();
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
