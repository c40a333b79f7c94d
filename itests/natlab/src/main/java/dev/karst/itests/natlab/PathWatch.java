// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.concurrent.locks.LockSupport;

/** Which path a node's session with one peer uses. */
final class PathWatch {
    private final KarstShell shell;
    private final String peer;

    PathWatch(KarstShell shell, String peer) {
        this.shell = shell;
        this.peer = peer;
    }

    /**
     * @param direct false if it goes by the relay, which the one server there is has, too
     * @param text strategy and transport
     */
    record Used(boolean direct, String text) {
        static final Used NONE = new Used(false, "-");

        boolean relayed() {
            return !direct && !equals(NONE);
        }
    }

    Used now() {
        return used(shell.run("karst:sessions " + peer).out());
    }

    /** From what {@code karst:sessions} prints. */
    static Used used(String sessions) {
        for (String line : sessions.lines().toList()) {
            String[] cells = line.split("\\|");
            if (cells.length > 6 && cells[1].strip().equals("*")) {
                boolean direct = !relayed(cells[4]) && !relayed(cells[5]);
                String text = cells[2].strip() + " " + cells[3].strip();
                return new Used(direct, text + (direct ? "" : " relay"));
            }
        }
        return Used.NONE;
    }

    /** Whether that end of a path is at the relay. */
    static boolean relayed(String endpoint) {
        return endpoint.contains("//" + Plan.SERVER + ":")
                || endpoint.contains("//" + Plan.SERVER2 + ":");
    }

    /** Waits for a path of that kind; how long it took, in ms. */
    long await(boolean direct, int seconds) {
        long begin = System.nanoTime();
        while (true) {
            Used used = now();
            if (direct ? used.direct() : used.relayed()) {
                return (System.nanoTime() - begin) / 1_000_000;
            }
            if (System.nanoTime() - begin > seconds * 1_000_000_000L) {
                throw new LabException(
                        "no "
                                + (direct ? "direct" : "relayed")
                                + " path within "
                                + seconds
                                + " s, but: "
                                + used.text());
            }
            LockSupport.parkNanos(50_000_000);
        }
    }
}
