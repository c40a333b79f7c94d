// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class AesHardwareTest {
    @Test
    void readsTheFlagsOfBothArchitectures() {
        String intel = "flags\t\t: fpu vme sse2 pclmulqdq aes avx";
        assertTrue(AesHardware.present("amd64", List.of("processor\t: 0", intel)));
        assertFalse(AesHardware.present("amd64", List.of("flags\t\t: fpu vme sse2 vaes")));
        assertTrue(AesHardware.present("aarch64", List.of("Features\t: fp asimd aes pmull")));
        assertFalse(AesHardware.present("aarch64", List.of("Features\t: fp asimd", intel)));
        assertFalse(AesHardware.present("aarch64", List.of("Features")), "cut off");
    }

    @Test
    void judgesByTheArchitectureWhereThereAreNoFlags() {
        assertTrue(AesHardware.present("x86_64", List.of()));
        assertFalse(AesHardware.present("arm", List.of()));
        assertFalse(AesHardware.present("riscv64", List.of("flags : aes pclmulqdq")));
    }
}
