// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Shows a lab. */
final class Status {

    private Status() {}

    static void print(Lab lab) {
        Plan plan = lab.plan();
        System.out.printf(
                "%-10s %-28s %s%n", "s", Plan.SERVER + " " + Plan.SERVER2, lab.ns("s").name());
        for (Site site : plan.sites()) {
            String what =
                    site.kind()
                            .map(RouterKind::toString)
                            .orElse(site.firewall() ? "firewall" : "open");
            System.out.printf(
                    "%-10s %-28s %s  %s%s%n",
                    site.name(),
                    plan.wan(site) + site.parent().map(p -> " behind " + p).orElse(""),
                    lab.ns(site.name()).name(),
                    what,
                    site.userspace() ? "  (userspace)" : "");
            for (int i = 1; i <= site.hosts(); i++) {
                String host = site.host(i);
                System.out.printf(
                        "  %-8s %-28s %s%n", host, plan.address(host), lab.ns(host).name());
            }
        }
        for (int pid : Owned.of(lab.tag())) {
            System.out.println("process " + pid + " " + command(pid));
        }
        System.out.println("logs " + lab.folder().resolve("logs"));
    }

    private static String command(int pid) {
        try {
            String all = Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
            return all.length() > 100 ? all.substring(0, 100) + "…" : all;
        } catch (IOException e) {
            return "(gone)";
        }
    }
}
