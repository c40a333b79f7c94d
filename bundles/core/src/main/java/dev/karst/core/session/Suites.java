// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.core.registry.ProviderHandle;
import dev.karst.spi.crypto.CryptoProvider;
import java.util.ArrayList;
import java.util.List;

/** The cipher suites of all crypto providers together, best provider first. */
final class Suites {
    private Suites() {}

    /** Those of one provider; one whose suites() fails offers nothing. */
    static List<String> of(ProviderHandle<CryptoProvider> h) {
        try {
            return h.service().suites();
        } catch (Throwable e) {
            if (!h.isGone()) {
                h.crashed("suites", e);
            }
            return List.of();
        }
    }

    /** The wire codes of all of them, each once. */
    static List<Integer> codes(List<ProviderHandle<CryptoProvider>> all) {
        List<Integer> out = new ArrayList<>();
        for (ProviderHandle<CryptoProvider> h : all) {
            for (String s : of(h)) {
                int code = Hello.code(s);
                if (code != 0 && !out.contains(code)) {
                    out.add(code);
                }
            }
        }
        return out;
    }

    /** The best provider that can do this suite, or null. */
    static ProviderHandle<CryptoProvider> provider(
            List<ProviderHandle<CryptoProvider>> all, String suite) {
        for (ProviderHandle<CryptoProvider> h : all) {
            if (of(h).contains(suite)) {
                return h;
            }
        }
        return null;
    }
}
