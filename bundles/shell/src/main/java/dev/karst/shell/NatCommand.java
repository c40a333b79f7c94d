// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.IpAddresses;
import dev.karst.NatInfo;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = "karst",
        name = "nat",
        description = "Tells what NAT or firewall stands in front of this node",
        detailedDescription =
                "Mapping, filtering and port allocation in the words of RFC 4787, what they mean"
                        + " for connecting, and P2PD's name for it. The first line of each family"
                        + " is key=value, for scripts.")
public final class NatCommand extends KarstCommand {
    private static final int SECONDS = 20;

    @Option(name = "-a", aliases = "--again", description = "Find out anew; takes a second or so")
    private boolean again;

    @Option(
            name = "-v",
            aliases = "--verbose",
            description = "The evidence: what was sent and seen")
    private boolean details;

    @Override
    void run(PrintStream out) throws Exception {

        NatInfo nat =
                again ? Wait.on(admin().detectNat(), SECONDS, "the detection") : admin().nat();
        if (!nat.network().isEmpty()) {
            out.println("network " + Text.safe(nat.network()));
        }
        for (NatInfo.Family f : nat.families()) {
            out.println();
            out.println(line(f));
            out.println(
                    "  tcp mapping="
                            + f.tcp().mapping()
                            + " filtering="
                            + f.tcp().filtering()
                            + " allocation="
                            + f.tcp().allocation());
            out.println("  learnt at " + f.at().truncatedTo(ChronoUnit.SECONDS));
            out.println("  idle mapping lives " + f.lifetime());
            if (!f.hints().isEmpty()) {
                out.println("  hints " + String.join(", ", f.hints()));
            }
            f.meaning().forEach(m -> out.println("  " + Text.safe(m)));
            if (details) {
                out.println("  evidence:");
                f.evidence().forEach(e -> out.println("    " + Text.safe(e)));
            }
        }
        if (!nat.trouble().isEmpty()) {
            out.println((nat.families().isEmpty() ? "unknown: " : "note: ") + nat.trouble());
        }
    }

    private static String line(NatInfo.Family f) {
        return Text.safe(
                f.name()
                        + " mapping="
                        + f.udp().mapping()
                        + " filtering="
                        + f.udp().filtering()
                        + " allocation="
                        + f.udp().allocation()
                        + " hairpin="
                        + f.hairpin()
                        + " local="
                        + text(f.local())
                        + " mapped="
                        + text(f.mapped())
                        + " p2pd="
                        + f.p2pdName());
    }

    private static String text(Optional<InetSocketAddress> a) {
        return a.map(IpAddresses::text).orElse("none");
    }
}
