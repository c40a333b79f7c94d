// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.Admin;
import dev.karst.admin.ProviderRef;
import java.io.PrintStream;
import java.time.Duration;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = "karst",
        name = "drain",
        description = "Moves everything off a provider, so that its bundle can be stopped",
        detailedDescription =
                "Nothing is closed: what cannot be moved is reported, and the provider stays drained for new use until karst:undrain.")
public final class DrainCommand extends KarstCommand {
    @Argument(
            name = "provider",
            description = "As in crypto/jca#3; karst:providers lists them",
            required = true)
    @Completion(ProviderCompleter.class)
    private String provider;

    @Option(
            name = "-t",
            aliases = "--timeout",
            description = "Seconds to wait",
            valueToShowInHelp = "30")
    private String timeout = "30";

    private void known(ProviderRef ref) throws CommandException {
        if (admin().providers().stream().noneMatch(p -> p.ref().equals(ref))) {
            throw Failures.because("there is no provider " + ref + ": see karst:providers", null);
        }
    }

    @Override
    void run(PrintStream out) throws Exception {

        int seconds = Numbers.parse("--timeout", timeout, 1, 86_400);
        ProviderRef ref = ProviderRef.parse(provider);
        known(ref);
        out.println("draining " + ref + " …");
        Admin.DrainResult result =
                Wait.on(admin().drain(ref, Duration.ofSeconds(seconds)), seconds + 5, "draining");
        if (result.drained()) {
            out.println("drained: its bundle can be stopped");
            return;
        }
        result.remaining().forEach(r -> out.println("  remains " + Text.safe(r)));
        throw Failures.because(
                result.remaining().size()
                        + " still hang on "
                        + ref
                        + ": drain again to wait longer, or karst:undrain to give up",
                null);
    }
}
