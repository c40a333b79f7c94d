// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.List;

/** A node with default settings behind its router, driven by its shell. */
final class MatrixNode {
    final MatrixKind kind;
    final String host;
    final NetNs ns;
    final KarstShell shell;
    private final Nodes nodes;
    private final Process process;
    private String peer = "";
    boolean busy; // guarded by the check

    MatrixNode(Lab lab, Nodes nodes, MatrixKind kind, String site) {
        this.kind = kind;
        this.nodes = nodes;
        this.host = kind.host(site);
        this.ns = lab.ns(host);
        this.shell = new KarstShell(lab.folder().resolve("nodes").resolve(host));
        if (!kind.six()) {
            Sh.must("", Sh.in(ns, "ip", "-6", "addr", "flush", "dev", kind.device()));
        }
        process = nodes.start(host, nodes.join());
    }

    /** Waits until it is ready. */
    void await() {
        peer = nodes.await(process, host).peer();
    }

    String peer() {
        return peer;
    }

    static List<String> sites(MatrixKind kind, String site) {
        return kind.sites(site, 10);
    }
}
