// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.PeerId;
import dev.karst.tunnel.Exposed;
import dev.karst.tunnel.Forwarded;
import dev.karst.tunnel.Traffic;
import java.io.PrintStream;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "tunnels",
        description = "Lists exposed services and forwarded ports with their traffic")
public final class TunnelsCommand extends KarstCommand {

    @Override
    void run(PrintStream out) throws Exception {

        Tables exposed =
                new Tables(
                        "nothing is exposed",
                        "Service",
                        "Target",
                        "Peers",
                        "State",
                        ">Active",
                        ">Opened",
                        ">Failed",
                        ">Refused",
                        ">Dropped",
                        ">Out",
                        ">In",
                        "Last failure");
        for (Exposed e : tunnels().exposed()) {
            Traffic t = e.traffic();
            exposed.row(
                    e.name(),
                    e.target(),
                    e.anyone()
                            ? "any"
                            : e.peers().stream()
                                    .map(PeerId::brief)
                                    .sorted()
                                    .collect(Collectors.joining(" ")),
                    e.state(),
                    t.active(),
                    t.opened(),
                    t.failed(),
                    t.refused(),
                    t.dropped(),
                    Text.bytes(t.bytesOut()),
                    Text.bytes(t.bytesIn()),
                    t.lastFailure());
        }
        exposed.print(out);
        Tables forwarded =
                new Tables(
                        "nothing is forwarded",
                        "Listen",
                        "Peer",
                        "Service",
                        "State",
                        ">Active",
                        ">Opened",
                        ">Failed",
                        ">Refused",
                        ">Dropped",
                        ">Out",
                        ">In",
                        "Last failure");
        for (Forwarded f : tunnels().forwarded()) {
            Traffic t = f.traffic();
            forwarded.row(
                    f.listen(),
                    f.peer().brief(),
                    f.name(),
                    f.state(),
                    t.active(),
                    t.opened(),
                    t.failed(),
                    t.refused(),
                    t.dropped(),
                    Text.bytes(t.bytesOut()),
                    Text.bytes(t.bytesIn()),
                    t.lastFailure());
        }
        out.println();
        forwarded.print(out);
    }
}
