// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

/**
 * Karst's own processes in a lab: `karst run --lite` and `karst server --lite`, from a copy of what
 * is built.
 */
public final class Nodes {

    private static final Duration START = Duration.ofSeconds(120);
    private static final Pattern READY =
            Pattern.compile("^READY peer=(\\S+) address=(\\S+).*$", Pattern.MULTILINE);
    private static final Pattern INVITE = Pattern.compile("^INVITE (\\S+)$", Pattern.MULTILINE);

    /** Of Karst's own STUN server, at both server addresses; the next port is its other one. */
    static final int STUN_PORT = 4478;

    private final Lab lab;
    private final Path dist;

    /** A node that has come up. */
    public record Ready(String host, String peer, String line) {
        @Override
        public String toString() {
            return line;
        }
    }

    private Nodes(Lab lab) {
        this.lab = lab;
        this.dist = lab.folder().resolve("dist");
    }

    public static Nodes of(Lab lab) {
        Nodes nodes = new Nodes(lab);
        nodes.unpack();
        return nodes;
    }

    /** Where the source tree is; empty if this is not run in one. */
    static Optional<Path> root() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isExecutable(at.resolve("distribution/karst"))) {
                return Optional.of(at);
            }
        }
        return Optional.empty();
    }

    /** Why no node can run; empty if one can. */
    public static Optional<String> missing() {
        Optional<Path> root = root();
        if (root.isEmpty()) {
            return Optional.of("this is no source tree of Karst");
        }
        boolean built =
                Files.isRegularFile(root.get().resolve("distribution/lite/target/karst-lite.jar"))
                        && Files.isDirectory(
                                root.get().resolve("distribution/karaf/target/assembly/system"));
        return built
                ? Optional.empty()
                : Optional.of("distribution is not built (mvn -DskipTests package)");
    }

    /**
     * The layout of the archive, where the launcher never builds: sources may change while a lab is
     * up. The jar is a copy, for the same reason.
     */
    private void unpack() {
        if (Files.isDirectory(dist)) {
            return;
        }
        missing()
                .ifPresent(
                        why -> {
                            throw new LabException(why);
                        });
        Path from = root().orElseThrow().resolve("distribution");
        try {
            Path next = Files.createTempDirectory(lab.folder(), "dist-");
            Path assembly = from.resolve("karaf/target/assembly");
            Files.createDirectories(next.resolve("bin"));
            Files.createDirectories(next.resolve("lite"));
            Files.copy(
                    from.resolve("karst"),
                    next.resolve("bin/karst"),
                    StandardCopyOption.COPY_ATTRIBUTES);
            Files.copy(
                    from.resolve("lite/target/karst-lite.jar"),
                    next.resolve("lite/karst-lite.jar"));
            Files.createSymbolicLink(next.resolve("bin/karaf"), assembly.resolve("bin/karaf"));
            Files.createSymbolicLink(next.resolve("system"), assembly.resolve("system"));
            Files.createSymbolicLink(next.resolve("etc"), assembly.resolve("etc"));
            Files.move(next, dist);
        } catch (IOException e) {
            throw new LabException("cannot copy the distribution: " + e.getMessage(), e);
        }
    }

    private String karst() {
        return dist.resolve("bin/karst").toString();
    }

    Path base(String host) {
        return lab.folder().resolve("nodes").resolve(host);
    }

    /** Whether the built node has that bundle. */
    boolean has(String bundle) {
        try (ZipFile jar = new ZipFile(dist.resolve("lite/karst-lite.jar").toFile())) {
            return jar.getEntry("bundles/" + bundle + ".jar") != null;
        } catch (IOException e) {
            throw new LabException("cannot read karst-lite.jar: " + e.getMessage(), e);
        }
    }

    private Path invite() {
        return lab.folder().resolve("invite");
    }

    /** Starts the embedded servers at the lab's server, unless they run; returns their invite. */
    public String broker() {
        if (!Files.exists(invite())) {
            awaitServers(servers("broker", true), "broker");
        }
        try {
            return Files.readString(invite());
        } catch (IOException e) {
            throw new LabException("cannot read " + invite(), e);
        }
    }

    /**
     * Starts the embedded servers, with what they had before if they ran already.
     *
     * @param lite without Karaf
     */
    Process servers(String label, boolean lite) {
        List<String> command =
                new ArrayList<>(List.of(karst(), "server", "--base", base("s").toString()));
        command.addAll(List.of("--host", Plan.SERVER));
        if (lite) {
            command.add("--lite");
        }
        if (has("dev.karst.server.turn")) {
            // One host in the invite, but two addresses to ask at, as RFC 5780 wants them.
            command.addAll(List.of("--stun-port", String.valueOf(STUN_PORT), "--set"));
            command.add("dev.karst.server.turn:addresses=" + Plan.SERVER + ", " + Plan.SERVER2);
        }
        return lab.start("s", label, command.toArray(String[]::new));
    }

    /** Waits for what {@link #servers} started, and keeps its invite for nodes that join. */
    void awaitServers(Process servers, String label) {
        try {
            Files.writeString(invite(), await(servers, label, INVITE).group(1));
        } catch (IOException e) {
            throw new LabException("cannot write " + invite(), e);
        }
    }

    /** The options that make a node join the broker, if it runs. */
    public List<String> join() {
        return Files.exists(invite()) ? List.of("--join", "@" + invite()) : List.of();
    }

    /** Starts a node; {@link #await} tells when it is ready. */
    public Process start(String host, List<String> options) {
        List<String> command =
                new ArrayList<>(List.of(karst(), "run", "--lite", "--base", base(host).toString()));
        command.addAll(options);
        return lab.start(host, "node-" + host, command.toArray(String[]::new));
    }

    /** Ends a node at once, with all it started. */
    void kill(Process node) {
        try {
            Libc.kill(-(int) node.pid(), Libc.SIGKILL);
        } catch (LastErrorException e) {
            // it has gone already
        }
    }

    public Ready await(Process node, String host) {
        Matcher ready = await(node, "node-" + host, READY);
        return new Ready(host, ready.group(1), ready.group());
    }

    /** Joined to the broker if it runs. */
    Ready run(String host, List<String> options) {
        List<String> all = new ArrayList<>(join());
        all.addAll(options);
        return await(start(host, all), host);
    }

    private Matcher await(Process process, String label, Pattern pattern) {
        long until = System.nanoTime() + START.toNanos();
        while (true) {
            boolean over = !process.isAlive() || System.nanoTime() > until;
            String said = said(label);
            Matcher m = pattern.matcher(said);
            if (m.find()) {
                return m;
            }
            if (over) {
                throw new LabException(label + " did not get ready:\n" + said.strip());
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private String said(String label) {
        try {
            return Files.readString(lab.log(label));
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Runs a shell command on the node of that host. A node is ready a moment before all its
     * commands are there.
     */
    Sh.Done exec(String host, String command) {
        List<String> words = List.of(karst(), "exec", "--base", base(host).toString(), command);
        long until = System.nanoTime() + 15_000_000_000L;
        while (true) {
            Sh.Done done = Sh.run(Duration.ofSeconds(90), "", words);
            if (done.ok()
                    || !done.out().contains("Command not found")
                    || System.nanoTime() > until) {
                return done;
            }
        }
    }
}
