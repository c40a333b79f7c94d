// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import java.util.List;
import java.util.Locale;

/**
 * What one case came to.
 *
 * @param pauses the longest time without data of each round, in milliseconds
 * @param faults what was not as it must be, in words; empty when the case holds
 */
record Row(
        String bundle,
        String way,
        List<Double> pauses,
        int suspended,
        int sessionsLost,
        long bytesLost,
        long lost,
        long outside,
        List<String> faults,
        String remark) {

    static String head() {
        return String.format(
                Locale.ROOT,
                "%-24s %-9s %8s %8s %5s %8s  %s",
                "provider",
                "way",
                "p50 ms",
                "p99 ms",
                "susp.",
                "dg lost",
                "what");
    }

    String line() {
        List<Double> sorted = pauses.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%-24s %-9s %8.0f %8.0f %5d %8d  %s%s",
                bundle.replace("dev.karst.", ""),
                way,
                quantile(sorted, 0.5),
                quantile(sorted, 0.99),
                suspended,
                lost,
                faults.isEmpty() ? "ok" : "FAILED: " + String.join("; ", faults),
                remark.isEmpty() ? "" : " (" + remark + ")");
    }

    static double quantile(List<Double> sorted, double q) {
        return sorted.isEmpty()
                ? 0
                : sorted.get((int) Math.min(sorted.size() - 1, Math.ceil(q * sorted.size()) - 1));
    }
}
