// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.IpAddresses;
import dev.karst.PortInfo;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "ports",
        description = "Lists the ports that are to be open on the router",
        detailedDescription =
                "Where each arrives and is reached from outside, by which protocol it was opened,"
                        + " until when the router keeps it, and whether it leads anywhere.")
public final class PortsCommand extends KarstCommand {

    @Override
    void run(PrintStream out) throws Exception {

        Tables table =
                new Tables(
                        "no port is wanted: nothing listens behind a router, or portMapping is off"
                                + " in dev.karst.core",
                        "Protocol",
                        "Internal",
                        "External",
                        "By",
                        "Router",
                        "Until",
                        "Reachable");
        List<PortInfo> ports = admin().ports();
        for (PortInfo p : ports) {
            table.row(
                    p.protocol(),
                    IpAddresses.text(p.internal()),
                    external(p),
                    p.by().isEmpty() ? "-" : p.by(),
                    p.gateway().isEmpty() ? "-" : p.gateway(),
                    until(p),
                    p.open() ? p.reachable() : "-");
        }
        table.print(out);
        for (PortInfo p : ports) {
            if (!p.trouble().isEmpty()) {
                out.println(
                        p.protocol()
                                + " "
                                + IpAddresses.text(p.internal())
                                + ": "
                                + Text.safe(p.trouble()));
            }
        }
    }

    private static String external(PortInfo p) {
        return p.open() ? p.external().map(IpAddresses::text).orElse("?:" + p.externalPort()) : "-";
    }

    private static String until(PortInfo p) {
        return p.open()
                ? p.until()
                        .map(t -> t.truncatedTo(ChronoUnit.SECONDS).toString())
                        .orElse("released")
                : "-";
    }
}
