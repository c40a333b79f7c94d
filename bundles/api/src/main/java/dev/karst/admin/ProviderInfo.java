// SPDX-License-Identifier: Apache-2.0
package dev.karst.admin;

import java.util.List;

/**
 * A provider as the core sees it.
 *
 * @param bundle symbolic name and version of its bundle
 * @param state in words: {@code active}, {@code draining}, {@code drained}, {@code quarantined: …}
 * @param holds what hangs on it now: paths, sockets, subscriptions, one line each
 * @param errors the last errors of its calls, newest last
 */
public record ProviderInfo(
        ProviderRef ref,
        String bundle,
        int ranking,
        String state,
        List<String> holds,
        List<String> errors) {
    public ProviderInfo {
        holds = List.copyOf(holds);
        errors = List.copyOf(errors);
    }
}
