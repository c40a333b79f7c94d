// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * coturn, started by hand in the servers' namespace; and its tool that tells a NAT's behaviour (RFC
 * 5780).
 */
final class Coturn {

    static final int PORT = 3478;
    static final String USER = "lab";
    static final String PASSWORD = "lab-password";
    static final String REALM = "lab";

    private static final Duration SLOW = Duration.ofSeconds(12);

    /** What the tool said; empty where it did not or could not. */
    record Said(Optional<Mapping> mapping, Optional<Filtering> filtering) {}

    private Coturn() {}

    static boolean installed() {
        return Need.onPath("turnserver") && Need.onPath("turnutils_natdiscovery");
    }

    /** Two addresses make it an RFC 5780 server. Returns when it listens. */
    static void start(Lab lab) {
        if (!installed()) {
            throw new LabException("turnserver is not there (apt-get install coturn)");
        }
        List<String> command =
                new ArrayList<>(List.of("turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls"));
        command.addAll(List.of("-L", Plan.SERVER, "-L", Plan.SERVER2, "-p", String.valueOf(PORT)));
        command.addAll(List.of("--lt-cred-mech", "-u", USER + ":" + PASSWORD, "-r", REALM));
        command.addAll(List.of("--allow-loopback-peers", "--log-file", "stdout", "--simple-log"));
        command.addAll(List.of("--pidfile", lab.folder().resolve("coturn.pid").toString()));
        command.addAll(List.of("--userdb", lab.folder().resolve("coturn.db").toString()));
        Process process = lab.start("s", "coturn", command.toArray(String[]::new));
        for (int i = 0; i < 500; i++) {
            if (!process.isAlive()) {
                break;
            }
            Sh.Done bound =
                    Sh.run(
                            Duration.ofSeconds(5),
                            "",
                            List.of(Sh.in(lab.ns("s"), "ss", "-Hlnu", "sport", "=", ":" + PORT)));
            if (bound.out().contains(Plan.SERVER2 + ":" + PORT)) {
                return;
            }
            LockSupport.parkNanos(20_000_000);
        }
        throw new LabException("coturn did not start: " + lab.log("coturn") + "\n" + tail(lab));
    }

    private static String tail(Lab lab) {
        try {
            List<String> lines = Files.readAllLines(lab.log("coturn"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
        } catch (IOException e) {
            return "";
        }
    }

    /** Takes about 3 s where a filter drops what the tool waits for. */
    static Said discover(Lab lab, String host) {
        return new Said(mapping(tool(lab, host, "-m")), filtering(tool(lab, host, "-f")));
    }

    private static String tool(Lab lab, String host, String what) {
        return Sh.run(
                        SLOW,
                        "",
                        List.of(
                                Sh.in(
                                        lab.ns(host),
                                        "turnutils_natdiscovery",
                                        what,
                                        "-p",
                                        "" + PORT,
                                        Plan.SERVER)))
                .out();
    }

    static Optional<Mapping> mapping(String out) {
        if (out.contains("NAT with Endpoint Independent Mapping")) {
            return Optional.of(Mapping.ENDPOINT_INDEPENDENT);
        }
        if (out.contains("NAT with Address and Port Dependent Mapping")) {
            return Optional.of(Mapping.ADDRESS_AND_PORT_DEPENDENT);
        }
        return out.contains("NAT with Address Dependent Mapping")
                ? Optional.of(Mapping.ADDRESS_DEPENDENT)
                : Optional.empty();
    }

    static Optional<Filtering> filtering(String out) {
        if (out.contains("NAT with Endpoint Independent Filtering")) {
            return Optional.of(Filtering.ENDPOINT_INDEPENDENT);
        }
        if (out.contains("NAT with Address and Port Dependent Filtering")) {
            return Optional.of(Filtering.ADDRESS_AND_PORT_DEPENDENT);
        }
        return out.contains("NAT with Address Dependent Filtering")
                ? Optional.of(Filtering.ADDRESS_DEPENDENT)
                : Optional.empty();
    }
}
