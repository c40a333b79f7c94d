// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import dev.karst.itests.natlab.MatrixCell.Result;
import java.util.List;
import java.util.Optional;

/** All cells at a glance: the row connects, the column is connected to. */
final class MatrixTable {
    private final List<Result> results;

    MatrixTable(List<Result> results) {
        this.results = results;
    }

    void print() {
        System.out.println();
        System.out.printf("%-11s", "");
        for (MatrixKind b : MatrixKind.values()) {
            if (results.stream().anyMatch(r -> r.to() == b)) {
                System.out.printf("%-12s", b.word);
            }
        }
        System.out.println();
        for (MatrixKind a : MatrixKind.values()) {
            if (results.stream().noneMatch(r -> r.from() == a)) {
                continue;
            }
            System.out.printf("%-11s", a.word);
            for (MatrixKind b : MatrixKind.values()) {
                if (results.stream().anyMatch(r -> r.to() == b)) {
                    System.out.printf("%-12s", find(a, b).map(MatrixTable::text).orElse(""));
                }
            }
            System.out.println();
        }
        System.out.println(
                "udp, tcp: direct; relay; ms to the first byte; * relayed although it could be"
                        + " direct; ! failed");
    }

    private Optional<Result> find(MatrixKind a, MatrixKind b) {
        return results.stream().filter(r -> r.from() == a && r.to() == b).findFirst();
    }

    private static String text(Result r) {
        String way = r.path().contains("quic") ? "udp" : "tcp";
        return r.failure().isPresent()
                ? "!"
                : (r.direct() ? way : "relay") + " " + r.firstMs() + (r.ok() ? "" : "*");
    }
}
