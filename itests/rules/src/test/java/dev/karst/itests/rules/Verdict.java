// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import java.util.List;
import org.junit.jupiter.api.Assertions;

/** Violations and the reason why they are any. */
final class Verdict {
    private Verdict() {}

    static void none(String rule, String reason, List<String> violations) {
        if (!violations.isEmpty()) {
            Assertions.fail(
                    rule
                            + "\nbecause "
                            + reason
                            + "\nbut:\n  "
                            + String.join(
                                    "\n  ", violations.stream().sorted().distinct().toList()));
        }
    }

    /** For tests of the rules themselves. */
    static void found(List<String> violations, String... parts) {
        for (String p : parts) {
            Assertions.assertTrue(
                    violations.stream().anyMatch(v -> v.contains(p)),
                    () -> "the rule does not see " + p + ", only " + violations);
        }
    }
}
