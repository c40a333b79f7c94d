// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.admin.ProviderRef;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(scope = "karst", name = "undrain", description = "Takes a provider back into use")
public final class UndrainCommand extends KarstCommand {
    @Argument(
            name = "provider",
            description = "As in crypto/jca#3; karst:providers lists them",
            required = true)
    @Completion(ProviderCompleter.class)
    private String provider;

    @Override
    void run(PrintStream out) throws Exception {

        ProviderRef ref = ProviderRef.parse(provider);
        if (admin().providers().stream().noneMatch(p -> p.ref().equals(ref))) {
            throw Failures.because("there is no provider " + ref + ": see karst:providers", null);
        }
        admin().undrain(ref);
        out.println(ref + " is in use again");
    }
}
