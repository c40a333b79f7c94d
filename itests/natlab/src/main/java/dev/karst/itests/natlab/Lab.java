// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A lab that is up: namespaces called {@code PREFIX-NAME-…}, and a folder with logs and the files
 * of its programs. It outlives the process that made it, until somebody calls {@link #down}.
 */
public final class Lab implements AutoCloseable {

    /** Short, because paths of Unix sockets are. */
    static final Path FOLDER = Path.of("/tmp/karst-natlab");

    private final Plan plan;
    private final Path folder;

    private Lab(Plan plan) {
        this.plan = plan;
        this.folder = folder(plan.prefix(), plan.name());
    }

    static Path folder(String prefix, String name) {
        return FOLDER.resolve(prefix + "-" + name);
    }

    /** Makes it, or leaves nothing behind. */
    public static Lab up(String prefix, String name, List<String> sites) {
        Need.missing()
                .ifPresent(
                        why -> {
                            throw new LabException(why);
                        });
        Plan plan = Plan.parse(prefix, name, sites);
        Lab lab = new Lab(plan);
        if (LabDown.names(prefix).contains(name)) {
            throw lab.taken();
        }
        lab.claim();
        try {
            List<Site> helped = plan.sites().stream().filter(Site::helped).toList();
            Helper helper = helped.isEmpty() ? null : Helper.start(lab, helped);
            LabUp up = new LabUp(plan);
            Sh.must(up.cables(), "ip", "-batch", "-");
            if (helper != null) {
                helper.awaitReady();
            }
            up.configure();
            return lab;
        } catch (RuntimeException | Error e) {
            try {
                LabDown.down(prefix, name);
            } catch (RuntimeException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
    }

    /** One that is up already. */
    public static Lab open(String prefix, String name) {
        try {
            return new Lab(
                    Plan.parse(
                            prefix,
                            name,
                            Files.readAllLines(folder(prefix, name).resolve("sites"))));
        } catch (NoSuchFileException e) {
            throw new LabException("there is no lab " + prefix + "-" + name + " (natlab list)");
        } catch (IOException e) {
            throw new LabException(
                    "lab " + prefix + "-" + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void claim() {
        try {
            var mine =
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------"));
            if (!Files.isDirectory(FOLDER)) {
                try {
                    Files.createDirectory(FOLDER, mine);
                } catch (FileAlreadyExistsException e) {
                    // another lab was quicker
                }
            }
            Files.createDirectory(folder, mine);
            Files.createDirectory(folder.resolve("logs"));
            Files.write(folder.resolve("sites"), plan.sites().stream().map(Site::text).toList());
        } catch (FileAlreadyExistsException e) {
            throw taken();
        } catch (IOException e) {
            throw new LabException("cannot write " + folder + ": " + e.getMessage(), e);
        }
    }

    private LabException taken() {
        return new LabException(
                "lab " + tag() + " is there already, or a rest of it: natlab down " + plan.name());
    }

    Plan plan() {
        return plan;
    }

    /** What the names of its namespaces begin with, and what its processes carry. */
    String tag() {
        return plan.prefix() + "-" + plan.name();
    }

    /** Where programs of the lab may put files; gone with it. */
    public Path folder() {
        return folder;
    }

    /** The namespace of a host, a router, of {@code s} (servers) or {@code inet}. */
    NetNs ns(String who) {
        NetNs ns = plan.ns(who);
        if (!plan.namespaces().contains(ns)) {
            throw new LabException(
                    "no '" + who + "' in lab " + plan.name() + "; hosts are " + plan.hosts());
        }
        return ns;
    }

    /**
     * Starts a program that runs until the lab ends, in a session of its own.
     *
     * @param label names its log, {@code logs/LABEL.log}
     */
    public Process start(String who, String label, String... command) {
        return start(List.of("nsenter", "--net=" + ns(who).file(), "--"), label, command);
    }

    Process start(List<String> wrapper, String label, String... command) {
        List<String> all = new ArrayList<>(List.of("setsid"));
        all.addAll(wrapper);
        // It notes its own pid, so that no crash of ours comes between start and note.
        all.addAll(
                List.of(
                        "sh",
                        "-c",
                        "echo $$ >>\"$0\"; exec \"$@\"",
                        folder.resolve("pids").toString()));
        all.addAll(Arrays.asList(command));
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment().put(Owned.TAG, tag());
        builder.redirectInput(new File("/dev/null"));
        builder.redirectErrorStream(true).redirectOutput(log(label).toFile());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new LabException("cannot start " + command[0] + ": " + e.getMessage(), e);
        }
    }

    Path log(String label) {
        return folder.resolve("logs").resolve(label + ".log");
    }

    /** Leaves nothing behind. */
    public void down() {
        LabDown.down(plan.prefix(), plan.name());
    }

    @Override
    public void close() {
        down();
    }
}
