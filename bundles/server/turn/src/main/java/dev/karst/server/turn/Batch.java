// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

/**
 * How many datagrams to read from a socket in a row: as many as there were last time, twice as many
 * if there were all of them. So a lone datagram costs no second, empty read.
 */
final class Batch {
    private static final int MOST = 64;

    private int limit = 1;

    int begin() {
        return limit;
    }

    void end(int read) {
        limit = read >= limit ? Math.min(MOST, 2 * limit) : Math.max(1, read);
    }
}
