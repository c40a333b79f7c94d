// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Two network namespaces, a router with miniupnpd and a host; gone when it is closed. */
final class RealRouter implements AutoCloseable {
    static final String HOST = "192.168.77.2";

    /** One that miniupnpd takes for public. */
    static final String EXTERNAL = "45.45.0.7";

    private static final List<String> TOOLS =
            List.of("/usr/sbin/ip", "/usr/sbin/nft", "/usr/sbin/miniupnpd", "/usr/bin/upnpc");

    private final String router = "ku" + ProcessHandle.current().pid() + "r";
    private final String host = "ku" + ProcessHandle.current().pid() + "h";
    private final Path folder;
    private final List<Process> drives = new ArrayList<>();
    private Process daemon;

    private RealRouter(Path folder) {
        this.folder = folder;
    }

    /** Why there cannot be one here; empty if there can. */
    static Optional<String> missing() throws Exception {
        for (String tool : TOOLS) {
            if (!Files.isExecutable(Path.of(tool))) {
                return Optional.of(tool + " is not installed");
            }
        }
        String user = output(List.of("id", "-u")).trim();
        if (!user.equals("0")) {
            return Optional.of("only root can make network namespaces");
        }
        String ns = "ku" + ProcessHandle.current().pid() + "x";
        if (!output(List.of("ip", "netns", "add", ns)).isEmpty()) {
            return Optional.of("network namespaces cannot be made here");
        }
        run("ip netns del " + ns);
        return Optional.empty();
    }

    static RealRouter start(Path folder) throws Exception {
        RealRouter r = new RealRouter(folder);
        try {
            r.network();
            r.boot();
            return r;
        } catch (Exception | AssertionError e) {
            r.close();
            throw e;
        }
    }

    private void network() throws Exception {
        String r = "ip -n " + router + " ";
        String h = "ip -n " + host + " ";
        run("ip netns add " + router);
        run("ip netns add " + host);
        run("ip link add lan netns " + router + " type veth peer name eth netns " + host);
        run(r + "link add wan type veth peer name isp");
        for (String up : List.of("lo", "lan", "wan", "isp")) {
            run(r + "link set " + up + " up");
        }
        run(h + "link set lo up");
        run(h + "link set eth up");
        run(r + "addr add 192.168.77.1/24 dev lan");
        run(r + "addr add 2001:db8:77::1/64 dev lan nodad");
        run(r + "addr add " + EXTERNAL + "/24 dev wan");
        run(r + "addr add 2001:db8:99::7/64 dev wan nodad");
        run(r + "route add default via 45.45.0.1 dev wan");
        run(h + "addr add " + HOST + "/24 dev eth");
        run(h + "addr add 2001:db8:77::2/64 dev eth nodad");
        run(h + "route add default via 192.168.77.1");
        run(h + "-6 route add default via 2001:db8:77::1");
        Path rules = folder.resolve("rules.nft");
        Files.writeString(
                rules,
                """
                table inet filter {
                  chain forward { type filter hook forward priority 0; policy drop; jump mini; }
                  chain prerouting { type nat hook prerouting priority -100; jump minipre; }
                  chain postrouting { type nat hook postrouting priority 100; jump minipost; }
                  chain mini { }
                  chain minipre { }
                  chain minipost { }
                }
                """);
        run("ip netns exec " + router + " nft -f " + rules);
        Files.writeString(
                folder.resolve("miniupnpd.conf"),
                """
                ext_ifname=wan
                listening_ip=lan
                http_port=0
                enable_upnp=yes
                enable_natpmp=no
                secure_mode=yes
                uuid=00000000-0000-0000-0000-00000000c0de
                upnp_table_name=filter
                upnp_nat_table_name=filter
                upnp_forward_chain=mini
                upnp_nat_chain=minipre
                upnp_nat_postrouting_chain=minipost
                force_igd_desc_v1=no
                allow 1024-65535 192.168.77.0/24 1024-65535
                deny 0-65535 0.0.0.0/0 0-65535
                """);
    }

    /** Starts the daemon, which listens at another port each time. */
    void boot() throws Exception {
        List<String> command =
                words(
                        "ip netns exec "
                                + router
                                + " miniupnpd -d -f "
                                + folder.resolve("miniupnpd.conf")
                                + " -P "
                                + folder.resolve("pid"));
        daemon =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile())
                        .start();
        for (int i = 0; i < 500; i++) {
            if (Files.readString(folder.resolve("log")).contains("HTTP listening")) {
                return;
            }
            if (daemon.waitFor(20, TimeUnit.MILLISECONDS)) {
                break;
            }
        }
        throw new AssertionError(Files.readString(folder.resolve("log")));
    }

    /** It says good-bye. */
    void shutDown() throws Exception {
        daemon.destroy();
        if (!daemon.waitFor(5, TimeUnit.SECONDS)) {
            daemon.destroyForcibly().waitFor();
        }
    }

    /** What Debian's client sees of the table. */
    String table() throws Exception {
        return output(words("ip netns exec " + host + " upnpc -m eth -l"));
    }

    String rules() throws Exception {
        return output(words("ip netns exec " + router + " nft list ruleset"));
    }

    /** A JVM on the host that runs {@link Drive}. */
    Process drive() throws IOException {
        String path =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(words("ip netns exec " + host));
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        path,
                        Drive.class.getName()));
        Process p =
                new ProcessBuilder(command).redirectError(folder.resolve("err").toFile()).start();
        drives.add(p);
        return p;
    }

    @Override
    public void close() throws Exception {
        drives.forEach(Process::destroyForcibly);
        if (daemon != null) {
            daemon.destroyForcibly().waitFor();
        }
        output(words("ip netns del " + host));
        output(words("ip netns del " + router));
    }

    private static List<String> words(String command) {
        return List.of(command.split(" "));
    }

    private static void run(String command) throws Exception {
        String said = output(words(command));
        if (!said.isEmpty()) {
            throw new AssertionError(command + ": " + said);
        }
    }

    private static String output(List<String> command) throws Exception {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        p.getOutputStream().close();
        StringBuilder out = new StringBuilder();
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(p.getInputStream(), StandardCharsets.UTF_8))) {
            in.lines().forEach(l -> out.append(l).append('\n'));
        }
        p.waitFor();
        return out.toString();
    }
}
