// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The command line: {@code itests/run natlab …}. */
public final class Natlab {

    private static final String HELP =
            """
            natlab up LAB SITE…            makes a lab; sites and words below
            natlab down LAB… | --all       ends it: processes, namespaces, files
            natlab list                    the labs that are up
            natlab status LAB              who is where, and which programs run
            natlab exec LAB HOST COMMAND…  runs a command there (HOST may be a router, s for servers, inet)
            natlab probe LAB HOST          finds out with plain sockets how the way to the servers behaves
            natlab punch LAB HOST HOST     whether plain UDP punching works between them
            natlab reboot LAB SITE         the router forgets all mappings
            natlab cut LAB SITE            its uplink loses every packet
            natlab heal LAB SITE           and no more
            natlab coturn LAB              a STUN and TURN server at both server addresses, port 3478
            natlab miniupnpd LAB SITE [WORD…]
                                           the real one on that router: upnp, pmp (NAT-PMP and PCP)
            natlab broker LAB              `karst server --lite` at the server; prints its INVITE
            natlab node LAB HOST [OPTION…] `karst run --lite` there, joined to the broker; prints READY
            natlab karst LAB HOST COMMAND  `karst exec` on that node
            natlab kinds                   routers by name
            natlab nat [--all] [--no-karst] [KIND…]
                                           router kinds: wanted, seen by plain sockets, by coturn's tool, by Karst
            natlab portmap [CASE…]         nodes and the real miniupnpd: upnp natpmp pcp pcp6 pinhole connect time cgnat update
            natlab matrix [-j N] [KIND…] [A,B…]
                                           whole nodes behind every pair of routers: 10 MiB, and by which path
            natlab upgrade [MIB]           a transfer from relay to direct and back, and the pauses
            natlab roam                    a host gets another interface behind another router
            natlab servers [MIB]           the embedded servers updated, gone, replaced and killed under relayed streams
            natlab help
            Before the command: --prefix P (kn): what all names begin with. Needs root.

            """;

    private final String prefix;

    private Natlab(String prefix) {
        this.prefix = prefix;
    }

    public static void main(String[] arguments) {
        List<String> words = new ArrayList<>(Arrays.asList(arguments));
        String prefix = Plan.DEFAULT_PREFIX;
        if (words.size() >= 2 && words.get(0).equals("--prefix")) {
            prefix = words.get(1);
            words.subList(0, 2).clear();
        }
        int status;
        try {
            status = new Natlab(prefix).run(words);
        } catch (LabException e) {
            System.err.println("natlab: " + e.getMessage());
            status = 1;
        } catch (Exception e) {
            e.printStackTrace();
            status = 1;
        }
        System.out.flush();
        // Threads that wait in a namespace must not keep it.
        Runtime.getRuntime().halt(status);
    }

    private int run(List<String> words) throws Exception {
        String command = words.isEmpty() ? "help" : words.get(0);
        List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
        switch (command) {
            case "help", "-h", "--help" ->
                    System.out.print(HELP + Site.SHAPE_HELP + "\n" + RouterKind.WORDS);
            case "up" -> {
                long start = System.nanoTime();
                Lab lab = Lab.up(prefix, at(rest, 0, "LAB"), rest.subList(1, rest.size()));
                System.out.printf(
                        "UP lab=%s namespaces=%d ms=%d%n",
                        lab.plan().name(),
                        lab.plan().namespaces().size(),
                        (System.nanoTime() - start) / 1_000_000);
            }
            case "down" -> {
                return down(rest);
            }
            case "list" -> LabDown.names(prefix).forEach(System.out::println);
            case "status" -> Status.print(open(rest));
            case "kinds" ->
                    Catalog.named().forEach((k, v) -> System.out.printf("%-14s %s%n", k, v));
            case "exec" -> {
                return exec(open(rest).ns(at(rest, 1, "HOST")), rest.subList(2, rest.size()));
            }
            case "probe" -> {
                Lab lab = open(rest);
                try (ProbeServer server = ProbeServer.start(lab)) {
                    NetNs host = lab.ns(at(rest, 1, "HOST"));
                    System.out.println(host.call(() -> Probe.run(host)));
                }
            }
            case "punch" -> {
                Lab lab = open(rest);
                try (ProbeServer server = ProbeServer.start(lab)) {
                    boolean through =
                            Punch.udp(lab.ns(at(rest, 1, "HOST")), lab.ns(at(rest, 2, "HOST")));
                    System.out.println(through ? "through" : "not through");
                    return through ? 0 : 1;
                }
            }
            case "reboot" -> Routers.reboot(open(rest), at(rest, 1, "SITE"));
            case "cut" -> Routers.cut(open(rest), at(rest, 1, "SITE"));
            case "heal" -> Routers.heal(open(rest), at(rest, 1, "SITE"));
            case "coturn" -> Coturn.start(open(rest));
            case "miniupnpd" ->
                    Miniupnpd.start(open(rest), at(rest, 1, "SITE"), rest.subList(2, rest.size()));
            case "broker" -> System.out.println("INVITE " + Nodes.of(open(rest)).broker());
            case "node" -> {
                Lab lab = open(rest);
                String host = at(rest, 1, "HOST");
                System.out.println(Nodes.of(lab).run(host, rest.subList(2, rest.size())));
            }
            case "karst" -> {
                Sh.Done done =
                        Nodes.of(open(rest)).exec(at(rest, 1, "HOST"), at(rest, 2, "COMMAND"));
                System.out.print(done.out());
                return done.status();
            }
            case "nat" -> {
                return NatCheck.run(prefix, rest);
            }
            case "portmap" -> {
                return PortmapCheck.run(prefix, rest);
            }
            case "matrix" -> {
                return MatrixCheck.run(prefix, rest);
            }
            case "upgrade" -> {
                return UpgradeCheck.run(prefix, rest);
            }
            case "roam" -> {
                return RoamCheck.run(prefix);
            }
            case "servers" -> {
                return ServersCheck.run(prefix, rest);
            }
            default -> throw new LabException("no command '" + command + "' (natlab help)");
        }
        return 0;
    }

    private static String at(List<String> words, int index, String what) {
        if (words.size() <= index) {
            throw new LabException(what + " is missing (natlab help)");
        }
        return words.get(index);
    }

    private Lab open(List<String> rest) {
        return Lab.open(prefix, at(rest, 0, "LAB"));
    }

    private int down(List<String> rest) {
        at(rest, 0, "LAB or --all");
        if (!Need.root()) {
            throw new LabException("needs root");
        }
        int status = 0;
        for (String name : rest.equals(List.of("--all")) ? LabDown.names(prefix) : rest) {
            if (!LabDown.down(prefix, name)) {
                System.err.println("natlab: there was no lab " + name);
                status = 1;
            }
        }
        return status;
    }

    private int exec(NetNs ns, List<String> command) throws IOException, InterruptedException {
        at(command, 0, "COMMAND");
        ProcessBuilder builder = new ProcessBuilder(Sh.in(ns, command.toArray(String[]::new)));
        builder.environment().put(Owned.TAG, ns.name().substring(0, ns.name().lastIndexOf('-')));
        return builder.inheritIO().start().waitFor();
    }
}
