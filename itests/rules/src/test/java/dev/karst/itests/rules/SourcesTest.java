// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The shape of the source tree. */
class SourcesTest {
    private static List<String> each(Function<House.Module, List<String>> rule) {
        List<String> out = new ArrayList<>();
        House.modules().forEach(m -> out.addAll(rule.apply(m)));
        return out;
    }

    @Test
    void theFolderIsTheNameIsThePackage() {
        Verdict.none(
                "folder = Bundle-SymbolicName = root package",
                "who sees one of them in a log or in a stack trace knows the other two",
                each(SourceRules::names));
    }

    @Test
    void everyBundleHasAReadme() {
        Verdict.none(
                "every bundle has a README.md of one screen",
                "an operator looks there for settings and limits",
                each(SourceRules::readme));
    }

    @Test
    void nothingIsHandWrittenThatBndWrites() {
        Verdict.none(
                "no hand-written manifest or DS XML",
                "it would say something else than the annotations one day",
                each(SourceRules::handWritten));
    }

    @Test
    void filesAreShortAndSayTheirLicense() {
        List<String> out = new ArrayList<>();
        House.javaFiles().forEach(p -> out.addAll(SourceRules.file(p)));
        Verdict.none(
                "every Java file begins with the SPDX line and is shorter than 500 lines",
                "four of five projects of this kind grew one god file of thousands",
                out);
    }
}
